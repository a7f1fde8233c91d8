import ProfileModel

/// Makes profiles of the same kind alike enough to be merged: the same sample types in the same order and units.
///
/// Facts: github.com/google/pprof `profile/merge.go` (`CompatibilizeSampleTypes`) and
/// `internal/measurement/measurement.go` (`ScaleProfiles`).
enum SampleTypeAlignment {
    /// Reduces `profiles` to the sample types that all have, in the order of the first, and converts units of the same
    /// family into the finest.
    static func align(_ profiles: inout [Profile]) throws(ProfileMergeError) {
        try reduceToCommonTypes(&profiles)
        try convertUnits(&profiles)
    }

    private static func reduceToCommonTypes(_ profiles: inout [Profile]) throws(ProfileMergeError) {
        guard let first = profiles.first else { throw .noProfiles }
        var counts: [String: Int] = [:]
        for profile in profiles {
            for type in profile.sampleTypes { counts[profile.string(type.type), default: 0] += 1 }
        }
        let common = first.sampleTypes.map { first.string($0.type) }.filter { counts[$0] == profiles.count }
        guard !common.isEmpty else { throw .noCommonSampleType }
        for index in profiles.indices { profiles[index].reduce(toTypes: common) }
    }

    private static func convertUnits(_ profiles: inout [Profile]) throws(ProfileMergeError) {
        guard profiles.count > 1 else { return }
        let periodUnit = try finestUnit(profiles.map { $0.name(of: $0.periodType) }, of: .periodType)
        var units: [String] = []
        for type in profiles[0].sampleTypes.indices {
            units.append(try finestUnit(profiles.map { $0.name(of: $0.sampleTypes[type]) }, of: .sampleTypes))
        }
        for index in profiles.indices {
            profiles[index].convertPeriod(to: periodUnit)
            profiles[index].convertSamples(to: units)
        }
    }

    private static func finestUnit(
        _ types: [ProfileMergeError.ValueTypeName], of part: ProfileMergeError.Part
    ) throws(ProfileMergeError) -> String {
        var finest = types[0]
        for type in types.dropFirst() {
            guard isCompatible(finest, type) else { throw .incompatible(what: part, finest, type) }
            if Measurement.scale(1, from: type.unit, to: finest.unit).value < 1 { finest = type }
        }
        return finest.unit
    }

    /// Whether both count the same, in units that convert into each other; a trailing `s` does not matter.
    private static func isCompatible(
        _ one: ProfileMergeError.ValueTypeName, _ other: ProfileMergeError.ValueTypeName
    ) -> Bool {
        func singular(_ type: String) -> Substring { type.hasSuffix("s") ? type.dropLast() : type[...] }
        guard singular(one.type) == singular(other.type) else { return false }
        return one.unit == other.unit || Measurement.converts(one.unit, other.unit)
    }
}

extension Profile {
    /// Drops and reorders sample types so that they are those with the names `common`, which all exist.
    fileprivate mutating func reduce(toTypes common: [String]) {
        let names = sampleTypes.map { string($0.type) }
        let origins = common.compactMap { names.firstIndex(of: $0) }
        if origins == Array(sampleTypes.indices) { return }
        if !common.contains(string(defaultSampleType)) { defaultSampleType = intern(common[0]) }
        let width = sampleTypes.count
        var values: [Int64] = []
        values.reserveCapacity(samples.count * origins.count)
        for position in samples.indices {
            for origin in origins { values.append(samples.values[position * width + origin]) }
        }
        replaceSamples(
            types: origins.map { sampleTypes[$0] },
            samples: SampleTable(
                valuesPerSample: origins.count, locations: samples.locations, locationEnds: samples.locationEnds,
                values: values, labels: samples.labels, labelEnds: samples.labelEnds))
    }

    fileprivate mutating func convertPeriod(to unit: String) {
        let type = name(of: periodType)
        period = wholeNumber(
            Measurement.scale(period, from: type.unit, to: unit).value.rounded(.towardZero))
        periodType = ValueType(type: intern(type.type), unit: intern(unit))
    }

    fileprivate mutating func convertSamples(to units: [String]) {
        let ratios = sampleTypes.indices.map { index in
            Measurement.scale(1, from: string(sampleTypes[index].unit), to: units[index]).value
        }
        let types = sampleTypes.indices.map { ValueType(type: sampleTypes[$0].type, unit: intern(units[$0])) }
        scale(by: ratios)
        let samples = samples
        replaceSamples(types: types, samples: samples)
    }
}

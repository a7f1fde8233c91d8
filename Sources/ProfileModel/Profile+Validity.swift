extension Profile {
    /// How strict to be.
    public enum ValidityRules: Sendable {
        /// What pprof accepts (google/pprof `profile/profile.go`, `CheckValid`).
        case pprof
        /// Also what perf_data_converter's builder asks for: a default sample type that exists, and no sample type
        /// twice. A profile that passes is accepted everywhere. (Ids of 0 and labels with both text and number, which
        /// that builder refuses too, cannot be expressed here.)
        case strict
    }

    /// Throws the first rule that the profile breaks. O(size of the profile).
    public func checkValid(_ rules: ValidityRules = .strict) throws(ProfileError) {
        guard !sampleTypes.isEmpty || samples.isEmpty else { throw .missingSampleTypes }
        guard samples.valuesPerSample == sampleTypes.count else {
            throw .valueCountMismatch(values: samples.valuesPerSample, types: sampleTypes.count)
        }
        for location in samples.locations where Int(location.rawValue) >= locations.count { throw .unknownLocation }
        try checkStrings()
        for (index, location) in locations.enumerated() {
            let id = UInt64(index) + 1
            if let mapping = location.mapping, Int(mapping.rawValue) >= mappings.count {
                throw .unknownMapping(location: id)
            }
            for line in location.lines where Int(line.function.rawValue) >= functions.count {
                throw .unknownFunction(location: id)
            }
        }
        if rules == .strict { try checkSampleTypes() }
    }

    private func checkStrings() throws(ProfileError) {
        let limit = UInt32(clamping: strings.count)
        var highest = max(
            defaultSampleType.rawValue, docURL.rawValue, dropFrames.rawValue, keepFrames.rawValue,
            periodType?.type.rawValue ?? 0, periodType?.unit.rawValue ?? 0)
        for type in sampleTypes { highest = max(highest, type.type.rawValue, type.unit.rawValue) }
        for comment in comments { highest = max(highest, comment.rawValue) }
        for mapping in mappings { highest = max(highest, mapping.filename.rawValue, mapping.buildID.rawValue) }
        for function in functions {
            highest = max(
                highest, function.name.rawValue, function.systemName.rawValue, function.filename.rawValue)
        }
        for label in samples.labels {
            switch label.value {
            case .string(let text): highest = max(highest, label.key.rawValue, text.rawValue)
            case .number(_, let unit): highest = max(highest, label.key.rawValue, unit.rawValue)
            }
        }
        guard highest < limit else { throw .unknownString }
    }

    private func checkSampleTypes() throws(ProfileError) {
        var seen: Set<ValueType> = []
        for type in sampleTypes where !seen.insert(type).inserted {
            throw .duplicateSampleType(string(type.type) + "/" + string(type.unit))
        }
        guard sampleTypes.contains(where: { $0.type == defaultSampleType && !defaultSampleType.isEmpty }) else {
            throw .unknownDefaultSampleType(string(defaultSampleType))
        }
    }
}

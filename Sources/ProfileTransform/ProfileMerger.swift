import Primitives
import ProfileModel

/// Puts profiles together, one after the other; see `ProfileMerge` for what counts as the same.
struct ProfileMerger {
    private var merged: Profile
    private var samples: SampleMerger
    private var mappings: [MappingKey: MappingIndex] = [:]
    private var locations: [LocationKey: LocationIndex] = [:]
    private var functions: [Function: FunctionIndex] = [:]
    private var seenComments: Set<String> = []

    /// Nothing but what the first profile says of all samples.
    init(_ first: Profile) {
        merged = Profile(
            sampleTypes: first.sampleTypes.map { (first.string($0.type), first.string($0.unit)) })
        merged.dropFrames = merged.intern(first.string(first.dropFrames))
        merged.keepFrames = merged.intern(first.string(first.keepFrames))
        if let type = first.periodType {
            merged.setPeriod(0, type: first.string(type.type), unit: first.string(type.unit))
        }
        samples = SampleMerger(valuesPerSample: first.sampleTypes.count)
    }

    /// Makes room for what `profiles` have, so that growing does not need the memory of the merged stacks twice, and
    /// tables of names are not moved. Memory that is not filled is not used.
    mutating func reserve(for profiles: [Profile]) {
        samples.reserve(locationCount: min(profiles.reduce(0) { $0 + $1.samples.locations.count }, 1 << 28))
        // Mostly all are of the same program.
        locations.reserveCapacity(profiles.map(\.locations.count).max() ?? 0)
        functions.reserveCapacity(profiles.map(\.functions.count).max() ?? 0)
        merged.strings.reserveCapacity(profiles.map(\.strings.count).max() ?? 0)
    }

    /// Adds all that `profile` has, and takes its samples.
    mutating func add(_ profile: inout Profile) {
        addHeader(of: profile)
        // Before the profile is copied, so that nobody else holds them.
        var parts = profile.samples.takeParts()
        var translation = Translation(profile)
        // The first mapping is the main program, so it comes first here too.
        if mappings.isEmpty, !profile.mappings.isEmpty { _ = mapping(MappingIndex(rawValue: 0), &translation) }
        var samples = SampleMerger(valuesPerSample: 0)
        swap(&samples, &self.samples)
        samples.add(&parts) { location in
            self.location(location, &translation)
        } label: { label in
            translation.label(label, in: &merged)
        }
        self.samples = samples
    }

    /// The profiles added so far as one.
    consuming func finish() -> Profile {
        merged.replaceSamples(types: merged.sampleTypes, samples: samples.table())
        return merged
    }

    private mutating func addHeader(of profile: Profile) {
        if merged.timeNanoseconds == 0 || profile.timeNanoseconds < merged.timeNanoseconds {
            merged.timeNanoseconds = profile.timeNanoseconds
        }
        merged.durationNanoseconds &+= profile.durationNanoseconds
        if merged.period == 0 || merged.period < profile.period { merged.period = profile.period }
        for comment in profile.comments.map(profile.string) where seenComments.insert(comment).inserted {
            merged.addComment(comment)
        }
        if merged.defaultSampleType.isEmpty {
            merged.defaultSampleType = merged.intern(profile.string(profile.defaultSampleType))
        }
        if merged.docURL.isEmpty { merged.docURL = merged.intern(profile.string(profile.docURL)) }
    }

    // MARK: - The same thing in the merged profile

    private mutating func location(_ index: LocationIndex, _ translation: inout Translation) -> LocationIndex {
        if let known = translation.locations[Int(index.rawValue)] { return known }
        var location = translation.profile.locations[Int(index.rawValue)]
        if let original = location.mapping {
            let mapping = mapping(original, &translation)
            let moved = merged.mappings[Int(mapping.rawValue)].start.value
            let start = translation.profile.mappings[Int(original.rawValue)].start.value
            location.mapping = mapping
            location.address = Address(location.address.value &+ (moved &- start))
        }
        for line in location.lines.indices {
            location.lines[line].function = function(location.lines[line].function, &translation)
        }
        let start = location.mapping.map { merged.mappings[Int($0.rawValue)].start.value } ?? 0
        let key = LocationKey(location, mappingStart: start)
        let result = locations.value(of: key, adding: LocationIndex(rawValue: UInt32(merged.locations.count)))
        if Int(result.rawValue) == merged.locations.count { merged.locations.append(location) }
        translation.locations[Int(index.rawValue)] = result
        return result
    }

    private mutating func mapping(_ index: MappingIndex, _ translation: inout Translation) -> MappingIndex {
        if let known = translation.mappings[Int(index.rawValue)] { return known }
        var mapping = translation.profile.mappings[Int(index.rawValue)]
        let key = MappingKey(mapping, translation.profile)
        let result = mappings[key] ?? MappingIndex(rawValue: UInt32(merged.mappings.count))
        if Int(result.rawValue) == merged.mappings.count {
            mapping.filename = translation.string(mapping.filename, in: &merged)
            mapping.buildID = translation.string(mapping.buildID, in: &merged)
            merged.mappings.append(mapping)
            mappings[key] = result
        }
        translation.mappings[Int(index.rawValue)] = result
        return result
    }

    private mutating func function(_ index: FunctionIndex, _ translation: inout Translation) -> FunctionIndex {
        if let known = translation.functions[Int(index.rawValue)] { return known }
        var function = translation.profile.functions[Int(index.rawValue)]
        function.name = translation.string(function.name, in: &merged)
        function.systemName = translation.string(function.systemName, in: &merged)
        function.filename = translation.string(function.filename, in: &merged)
        let result = functions.value(of: function, adding: FunctionIndex(rawValue: UInt32(merged.functions.count)))
        if Int(result.rawValue) == merged.functions.count { merged.functions.append(function) }
        translation.functions[Int(index.rawValue)] = result
        return result
    }
}

/// What the things of one profile are in the merged one, as far as they were met.
private struct Translation {
    let profile: Profile
    var locations: [LocationIndex?]
    var mappings: [MappingIndex?]
    var functions: [FunctionIndex?]
    private var strings: [StringID?]

    init(_ profile: Profile) {
        self.profile = profile
        locations = Array(repeating: nil, count: profile.locations.count)
        mappings = Array(repeating: nil, count: profile.mappings.count)
        functions = Array(repeating: nil, count: profile.functions.count)
        strings = Array(repeating: nil, count: profile.strings.count)
    }

    mutating func string(_ string: StringID, in merged: inout Profile) -> StringID {
        if let known = strings[Int(string.rawValue)] { return known }
        let result = merged.intern(profile.string(string))
        strings[Int(string.rawValue)] = result
        return result
    }

    mutating func label(_ label: Label, in merged: inout Profile) -> Label {
        let key = string(label.key, in: &merged)
        switch label.value {
        case .string(let text): return Label(key: key, string: string(text, in: &merged))
        case .number(let number, let unit):
            return Label(key: key, number: number, unit: string(unit, in: &merged))
        }
    }
}

/// What makes two mappings the same.
private struct MappingKey: Hashable {
    /// Rounded up to whole pages, so that small differences do not matter.
    var size: UInt64
    var fileOffset: FileOffset
    /// Empty for mappings of which neither is known: these are all the same.
    var buildIDOrFile: String

    init(_ mapping: Mapping, _ profile: Profile) {
        let pageSize: UInt64 = 4096
        let rounded = (mapping.limit.value &- mapping.start.value) &+ pageSize &- 1
        size = rounded &- rounded % pageSize
        fileOffset = mapping.fileOffset
        buildIDOrFile = profile.string(mapping.buildID.isEmpty ? mapping.filename : mapping.buildID)
    }
}

/// What makes two locations the same.
private struct LocationKey: Hashable {
    var offset: UInt64
    var mapping: MappingIndex?
    var isFolded: Bool
    var lines: [Line]

    init(_ location: Location, mappingStart: UInt64) {
        offset = location.address.value &- mappingStart
        mapping = location.mapping
        isFolded = location.isFolded
        lines = location.lines
        // pprof compares the column of the last line only.
        for index in lines.indices.dropLast() { lines[index].column = 0 }
    }
}

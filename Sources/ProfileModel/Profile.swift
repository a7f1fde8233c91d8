public import Primitives

/// A profile as plain data: everything that a profile.proto holds, with positions in arrays in place of ids.
///
/// Facts: github.com/google/pprof `proto/profile.proto`.
public struct Profile: Sendable {
    /// Every string that the rest of the profile names by its `StringID`.
    public var strings = StringTable()

    /// What the values of a sample are, in their order.
    public private(set) var sampleTypes: [ValueType] = []

    /// What `period` counts: `cpu` in `nanoseconds`.
    public var periodType: ValueType?
    /// The events between two samples, in the unit of `periodType`; 0 if unknown.
    public var period: Int64 = 0

    /// When the recording started, in nanoseconds since 1970 UTC; 0 if unknown.
    public var timeNanoseconds: Int64 = 0
    /// How long it took; 0 if unknown.
    public var durationNanoseconds: Int64 = 0

    /// The type (not the unit) of the sample type to show first; if empty, viewers show the last.
    public var defaultSampleType = StringID.empty
    /// Text for human readers. pprof hides those that start with `#` from its report headers.
    public var comments: [StringID] = []
    /// An absolute http(s) URL that explains the profile, or empty.
    public var docURL = StringID.empty

    /// A regular expression: viewers drop the frames of functions that match, and all their callees.
    public var dropFrames = StringID.empty
    /// A regular expression: the exceptions to `dropFrames`.
    public var keepFrames = StringID.empty

    /// The mapped files; the first is the profiled program.
    public var mappings: [Mapping] = []
    /// The functions that lines of `locations` name.
    public var functions: [Function] = []
    /// The places in code that samples name.
    public var locations: [Location] = []
    /// What was measured.
    public var samples = SampleTable(valuesPerSample: 0)

    /// The ids that the file gave to locations and mappings.
    public var fileIDs = FileIDs()

    /// Where to find a function that was added before; entries are checked against `functions` when used.
    private var functionIndices: [Function: FunctionIndex] = [:]

    /// An empty profile whose samples have one value for each of `sampleTypes`.
    public init(sampleTypes: [(type: String, unit: String)]) {
        for (type, unit) in sampleTypes {
            self.sampleTypes.append(ValueType(type: strings.intern(type), unit: strings.intern(unit)))
        }
        samples = SampleTable(valuesPerSample: sampleTypes.count)
    }

    /// An empty profile without sample types over strings that are there already.
    public init(strings: StringTable) {
        self.strings = strings
    }

    /// Sets what the values of samples are, which is possible as long as there are no samples.
    public mutating func setSampleTypes(_ types: [ValueType]) {
        precondition(samples.isEmpty, "the samples have their values already")
        sampleTypes = types
        samples = SampleTable(valuesPerSample: types.count)
    }

    /// Sets what the values of samples are together with all samples, which have a value for each type.
    public mutating func replaceSamples(types: [ValueType], samples: SampleTable) {
        precondition(samples.valuesPerSample == types.count, "a sample needs one value for each sample type")
        sampleTypes = types
        self.samples = samples
    }

    /// The string behind `identifier`.
    public func string(_ identifier: StringID) -> String {
        strings[identifier]
    }

    /// The position of the sample type to show when the user names none: the default one, else the last; nil if the
    /// profile has no sample types.
    public var defaultSampleTypeIndex: Int? {
        if !defaultSampleType.isEmpty, let index = sampleTypes.firstIndex(where: { $0.type == defaultSampleType }) {
            return index
        }
        return sampleTypes.indices.last
    }
}

// Building a profile: each call adds one thing and returns its index for those that refer to it.
extension Profile {
    /// The identifier of `string`, which is added if it is new. O(length).
    public mutating func intern(_ string: String) -> StringID {
        strings.intern(string)
    }

    /// Adds a mapping.
    public mutating func addMapping(_ mapping: Mapping) -> MappingIndex {
        mappings.append(mapping)
        return MappingIndex(rawValue: UInt32(mappings.count - 1))
    }

    /// Adds a mapping of the addresses `addresses`, which show the file from `fileOffset` on.
    public mutating func addMapping(
        addresses: Range<Address>, fileOffset: FileOffset, filename: String, buildID: BuildID? = nil
    ) -> MappingIndex {
        addMapping(
            Mapping(
                start: addresses.lowerBound, limit: addresses.upperBound, fileOffset: fileOffset,
                filename: intern(filename), buildID: intern(buildID?.description ?? "")))
    }

    /// The function that is equal to `function`, which is added if there is none. O(1).
    public mutating func addFunction(_ function: Function) -> FunctionIndex {
        if let known = functionIndices[function], Int(known.rawValue) < functions.count,
            functions[Int(known.rawValue)] == function
        {
            return known
        }
        let index = FunctionIndex(rawValue: UInt32(functions.count))
        functions.append(function)
        functionIndices[function] = index
        return index
    }

    /// The function with these names, which is added if there is none.
    ///
    /// - Parameters:
    ///   - name: The name to show.
    ///   - systemName: The mangled name.
    ///   - file: The source file, or empty.
    ///   - startLine: Its first line, or 0.
    public mutating func addFunction(
        name: String, systemName: String, file: String = "", startLine: Int64 = 0
    ) -> FunctionIndex {
        addFunction(
            Function(
                name: intern(name), systemName: intern(systemName), filename: intern(file), startLine: startLine))
    }

    /// Adds a location. Locations are not compared: the caller adds each address once.
    ///
    /// - Parameter lines: Innermost inlined callee first, the function that holds the address last.
    public mutating func addLocation(
        mapping: MappingIndex?, address: Address, lines: [Line], isFolded: Bool = false
    ) -> LocationIndex {
        locations.append(Location(mapping: mapping, address: address, lines: lines, isFolded: isFolded))
        return LocationIndex(rawValue: UInt32(locations.count - 1))
    }

    /// Adds a sample. Samples are not compared: the caller adds each distinct stack once.
    ///
    /// - Parameters:
    ///   - locations: The stack, leaf first.
    ///   - values: One value for each sample type.
    ///   - labels: Labels with empty text are left out.
    public mutating func addSample(locations: [LocationIndex], values: [Int64], labels: [Label] = []) {
        samples.append(locations: locations, values: values, labels: labels)
    }

    /// Adds a remark for human readers.
    public mutating func addComment(_ text: String) {
        comments.append(intern(text))
    }

    /// Sets the unit of `period` and the number of them between two samples.
    public mutating func setPeriod(_ period: Int64, type: String, unit: String) {
        self.period = period
        periodType = ValueType(type: intern(type), unit: intern(unit))
    }
}

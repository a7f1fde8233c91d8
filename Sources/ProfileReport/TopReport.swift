public import ProfileModel

/// Which functions cost most: the table that `pprof -top` prints.
public struct TopReport: Sendable {
    /// What to count and how much to show; the defaults are those of `pprof -top`.
    public struct Options: Sendable {
        /// The sample type to show, by its position; nil for the profile's default.
        public var sampleTypeIndex: Int?
        /// Sort by cumulative instead of flat values.
        public var sortsByCumulative = false
        /// The most entries to show; 0 for all.
        public var nodeCount = 0
        /// Functions whose cumulative value is below this part of the total are left out.
        public var nodeFraction = 0.005
        /// Calls below this part of the total do not count when entries are marked as inlined.
        public var edgeFraction = 0.001

        /// The defaults.
        public init() {}
    }

    /// How a function was called.
    public enum Inlining: String, Sendable {
        /// Never inlined, as far as is known.
        case never
        /// Inlined by some callers.
        case partial = "partial-inline"
        /// Inlined by every caller.
        case always = "inline"
    }

    /// A line of the table.
    public struct Entry: Sendable {
        /// The function's name, or the file in brackets where there is none.
        public var name: String
        /// What was measured in the function itself.
        public var flat: Int64
        /// What was measured in the function and in everything it called; recursive calls count once.
        public var cumulative: Int64
        /// Whether the function was inlined.
        public var inlining: Inlining
    }

    /// Lines about the profile, such as `Type: cpu`, in the order in which they are printed.
    public var header: [String]
    /// The entries, the most expensive first.
    public var entries: [Entry]
    /// The type that the values are of: `cpu`.
    public var sampleType: String
    /// The unit of the values: `nanoseconds`.
    public var sampleUnit: String
    /// The unit that values are printed in, the same for all: `ms`.
    public var outputUnit: String
    /// The sum over all samples of what was measured, without sign.
    public var total: Int64
    /// The number of functions that were too cheap to show.
    public var droppedCount: Int

    /// Why there is no report.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// The profile does not say what its samples count.
        case noSampleTypes
        /// There is no sample type at this position.
        case unknownSampleType(Int)

        /// The reason, for a reader.
        public var description: String {
            switch self {
            case .noSampleTypes: "profile has no samples"
            case .unknownSampleType(let index): "the profile has no sample type number \(index)"
            }
        }
    }

    /// Adds up `profile`, which has to be valid. O(frames of all samples).
    public init(_ profile: Profile, options: Options = Options()) throws(Failure) {
        guard let defaultIndex = profile.defaultSampleTypeIndex else { throw .noSampleTypes }
        let index = options.sampleTypeIndex ?? defaultIndex
        guard profile.sampleTypes.indices.contains(index) else { throw .unknownSampleType(index) }
        sampleType = profile.string(profile.sampleTypes[index].type)
        sampleUnit = profile.string(profile.sampleTypes[index].unit)
        total = 0
        for position in profile.samples.indices {
            let value = profile.samples.values[position * profile.sampleTypes.count + index]
            total &+= value < 0 ? 0 &- value : value
        }
        let selection = TopSelection(profile, valueIndex: index, options: options)
        entries = selection.entries
        droppedCount = selection.droppedCount
        outputUnit = Self.outputUnit(of: entries, total: total, unit: sampleUnit)
        header = []
        header = profileLines(profile) + selectionLines(selection, options)
    }

    /// `value` in the report's unit.
    func format(_ value: Int64) -> String {
        Measurement.label(value, from: sampleUnit, to: outputUnit)
    }

    /// The unit in which the smallest entry is still at least 1, or a hundred times larger where the total asks for
    /// larger units.
    private static func outputUnit(of entries: [Entry], total: Int64, unit: String) -> String {
        guard !entries.isEmpty else { return "minimum" }
        var smallest: UInt64 = 0
        for entry in entries {
            let value = entry.flat != 0 ? entry.flat.magnitude : entry.cumulative.magnitude
            if value != 0, smallest == 0 || value < smallest { smallest = value }
        }
        let minimum = smallest == 0 ? total : Int64(clamping: smallest)
        let smallUnit = Measurement.scale(minimum, from: unit, to: "minimum").unit
        let largeUnit = Measurement.scale(total, from: unit, to: "minimum").unit
        var chosen = smallUnit
        if smallUnit != largeUnit, minimum &* 100 < total {
            chosen = Measurement.scale(minimum &* 100, from: unit, to: "minimum").unit
        }
        return chosen.isEmpty ? unit : chosen
    }
}

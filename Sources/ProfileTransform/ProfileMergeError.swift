/// Why profiles cannot be merged.
public enum ProfileMergeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is nothing to merge.
    case noProfiles
    /// No sample type is in all profiles.
    case noCommonSampleType
    /// What is counted differs, or the units do not convert into each other.
    case incompatible(what: Part, ValueTypeName, ValueTypeName)
    /// The profiles have other sample types, and would have to have the same.
    case differentSampleTypes([ValueTypeName], [ValueTypeName])

    /// What does not fit together.
    public enum Part: String, Sendable {
        case periodType = "period type"
        case sampleTypes = "sample types"
    }

    /// A value type with its texts.
    public struct ValueTypeName: Hashable, Sendable {
        /// What is counted.
        public var type: String
        /// Its unit.
        public var unit: String
    }

    /// The problem, in pprof's words where these say what it is.
    public var description: String {
        switch self {
        case .noProfiles: "no profiles to merge"
        case .noCommonSampleType: "profiles have empty common sample type list"
        case .incompatible(let what, let one, let other):
            // The zeros are fields of pprof's that have no meaning here.
            "\(what.rawValue): incompatible types: {\(one.type) \(one.unit) 0 0} {\(other.type) \(other.unit) 0 0}"
        case .differentSampleTypes(let ones, let others):
            "incompatible sample types \(list(ones)) and \(list(others))"
        }
    }

    private func list(_ types: [ValueTypeName]) -> String {
        "[" + types.map { $0.type + "/" + $0.unit }.joined(separator: " ") + "]"
    }
}

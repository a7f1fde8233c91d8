/// Why there is no report, in pprof's words.
public enum ReportError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The profile does not say what its samples count.
    case noSampleTypes
    /// There is no sample type at this position.
    case sampleIndexOutOfRange(String, typeCount: Int)
    /// No sample type has this name.
    case unknownSampleIndex(String, types: [String])
    /// Everything is to be divided by 0.
    case zeroDivisor
    /// Nothing that could be shown matches the expression.
    case noMatches(String)
    /// Nobody waits for it any more: see `ReportContext.cancellation`.
    case cancelled

    /// The reason, for a reader.
    public var description: String {
        switch self {
        case .noSampleTypes: "profile has no samples"
        case .sampleIndexOutOfRange(let index, let count):
            "sample_index \(index) is outside the range [0..\(count - 1)]"
        case .unknownSampleIndex(let name, let types):
            "sample_index \(GoQuoting.quote(name)) must be one of: [\(types.joined(separator: " "))]"
        case .zeroDivisor: "zero divisor specified"
        case .noMatches(let expression): "no matches found for regexp: \(expression)"
        case .cancelled: "interrupted"
        }
    }
}

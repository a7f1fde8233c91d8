public import RegularExpressions

/// Why a filter cannot be applied.
public enum ProfileFilterError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The value of an option is no regular expression.
    case malformed(option: String, RegularExpression.Malformed)
    /// A number in the value of an option does not fit into 64 bits.
    case numberOutOfRange(option: String, String)
    /// Nobody waits for what is left any more.
    case cancelled

    /// The problem, in pprof's words where it has the same.
    public var description: String {
        switch self {
        case .malformed(let option, let reason): "parsing \(option) regexp: \(reason)"
        case .numberOutOfRange(let option, let number): "parsing \(option) range: the number \(number) is too large"
        case .cancelled: "interrupted"
        }
    }
}

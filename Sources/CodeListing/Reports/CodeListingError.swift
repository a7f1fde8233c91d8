public import RegularExpressions

/// Why there is no listing.
public enum CodeListingError: Error, Sendable, CustomStringConvertible {
    /// What was to be matched is no regular expression.
    case malformedPattern(RegularExpression.Malformed)
    /// No function of the profile matches.
    case noMatch(pattern: String)
    /// Functions match, but their code cannot be shown.
    case noCode(pattern: String, reasons: [String])
    /// Nothing with samples lies at the address.
    case noCodeAtAddress(UInt64)
    /// Nobody waits for it any more.
    case cancelled

    /// The reason, in pprof's words where it has some.
    public var description: String {
        switch self {
        case .malformedPattern(let error): error.description
        case .noMatch(let pattern): "no matches found for regexp: \(pattern)"
        case .noCode(let pattern, let reasons):
            "no machine code for \(pattern): " + (reasons.isEmpty ? "none was found" : reasons.joined(separator: "; "))
        case .noCodeAtAddress(let address): "no matches found for address 0x\(String(address, radix: 16))"
        case .cancelled: "interrupted"
        }
    }
}

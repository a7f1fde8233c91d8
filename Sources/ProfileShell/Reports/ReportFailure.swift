public import CodeListing
public import ProfileReport
public import ProfileTransform
public import RegularExpressions

/// Why there is no report.
public enum ReportFailure: Error, CustomStringConvertible {
    /// The options and the profile do not go together, or there is nothing to show.
    case report(ReportError)
    /// An expression of a filter is wrong.
    case filter(ProfileFilterError)
    /// The command's own expression is wrong.
    case expression(String, RegularExpression.Malformed)
    /// Sources or machine code cannot be shown.
    case code(CodeListingError)
    /// The profile cannot be written.
    case encoding(String)
    /// There is no JSON form of this report.
    case noJSON(ReportKind)

    /// The reason, in pprof's words where it has the same.
    public var description: String {
        switch self {
        case .report(let error): error.description
        case .filter(let error): error.description
        case .expression(let text, let error): "parsing argument regexp \(text): \(error)"
        case .code(let error): error.description
        case .encoding(let reason): reason
        case .noJSON(let kind): "there is no JSON form of \(kind.rawValue)"
        }
    }
}

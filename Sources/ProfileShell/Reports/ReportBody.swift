import Primitives
public import ProfileReport

/// A finished report. Reports with a line for every sample or call, which can have gigabytes, are made while they
/// are written.
public enum ReportBody: Sendable {
    case bytes([UInt8])
    case raw(RawReport)
    case traces(TracesReport)
    case callgrind(CallgrindReport)

    /// The bytes of `text`.
    static func text(_ text: String) -> ReportBody { .bytes(Array(text.utf8)) }

    /// Hands the report to `output`, piece by piece.
    public func write<Failure: Error>(to output: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        switch self {
        case .bytes(let bytes): try output(bytes.rawSpan)
        case .raw(let report): try report.write(to: output)
        case .traces(let report): try report.write(to: output)
        case .callgrind(let report): try report.write(to: output)
        }
    }
}

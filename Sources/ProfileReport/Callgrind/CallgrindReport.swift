import Primitives
import ProfileModel

/// The call graph in the format of Callgrind, which KCachegrind reads: what `pprof -callgrind` prints.
///
/// Facts: github.com/google/pprof `internal/report/report.go`, `printCallgrind`; valgrind.org `docs/manual/cl-format`.
public struct CallgrindReport: Sendable {
    private let graph: TrimmedGraph
    private let outgoing: OutgoingCalls?
    private let formatter: ValueFormatter
    private let event: String

    /// Adds up the profile. O(frames of all samples).
    public init(_ context: ReportContext) throws(ReportError) {
        graph = try TrimmedGraph(context, edges: context.options.callTree ? .all : .none)
        outgoing = try graph.outgoingCalls(context)
        let unit = context.outputUnit(smallest: graph.smallestValue)
        formatter = ValueFormatter(context, unit: unit)
        event = context.values.type + "(" + unit + ")"
    }

    /// The report.
    public func render() -> String {
        var text: [UInt8] = []
        write { piece in unsafe piece.withUnsafeBytes { unsafe text.append(contentsOf: $0) } }
        return String(decoding: text, as: UTF8.self)
    }

    /// Hands the text to `output` piece by piece: it has a line for each call between any two addresses.
    public func write<Failure: Error>(to output: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        var writer = CallgrindWriter(graph, outgoing, formatter)
        try writer.write(event: event, to: output)
    }
}

import Primitives
public import ProfileModel

/// The entries of a top report as a profile: what `pprof -topproto` writes.
///
/// Each entry is a sample with a location of its own. The sample types are `cum` and `flat`, whole numbers in the unit of
/// the report. Facts: github.com/google/pprof `internal/report/report.go`, `printTopProto`.
public struct TopProfile: Sendable {
    /// The entries.
    public let profile: Profile

    /// Adds up the profile. O(frames of all samples).
    public init(_ context: ReportContext) throws(ReportError) {
        let graph = try TrimmedGraph(context, edges: .inlined)
        let unit = context.outputUnit(smallest: graph.smallestValue)
        let formatter = ValueFormatter(context, unit: unit)
        let source = context.profile
        var result = Profile(sampleTypes: [("cum", unit), ("flat", unit)])
        result.timeNanoseconds = source.timeNanoseconds
        result.durationNanoseconds = source.durationNanoseconds
        if let periodType = source.periodType {
            result.setPeriod(
                source.period, type: source.string(periodType.type), unit: source.string(periodType.unit))
        } else {
            result.period = source.period
        }
        for node in graph.nodes {
            let info = graph.info(node)
            let texts = graph.table.texts
            let function = result.addFunction(
                name: texts[info.name], systemName: "", file: texts[info.file], startLine: info.startLine)
            let location = result.addLocation(
                mapping: nil, address: Address(info.address),
                lines: [Line(function: function, line: info.line, column: info.column)])
            result.addSample(
                locations: [location],
                values: [
                    formatter.whole(graph.weights.cumulativeValue(node)),
                    formatter.whole(graph.weights.flatValue(node)),
                ])
        }
        profile = result
    }
}

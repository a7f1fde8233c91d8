public import ProfileModel

/// Which functions cost most: the table that `pprof -top` prints.
public struct TopReport: Sendable {
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
        /// The function's name, or the file in brackets where there is none; other granularities add file, line and
        /// address.
        public var name: String
        /// What was measured in the function itself.
        public var flat: Int64
        /// What was measured in the function and in everything it called; recursive calls count once.
        public var cumulative: Int64
        /// Whether the function was inlined.
        public var inlining: Inlining
    }

    /// Lines about the profile, such as `Type: cpu`, in the order in which they are printed.
    public let header: [String]
    /// The entries, the most expensive first.
    public let entries: [Entry]
    /// The unit that values are printed in: `ms`.
    public let outputUnit: String
    /// The number of functions that were too cheap to show.
    public let droppedCount: Int
    /// What was asked for.
    public let context: ReportContext

    /// The type that the values are of: `cpu`.
    public var sampleType: String { context.values.type }
    /// The unit of the values: `nanoseconds`.
    public var sampleUnit: String { context.values.unit }
    /// What percentages are of.
    public var total: Int64 { context.total }

    /// Adds up the profile. O(frames of all samples).
    public init(_ context: ReportContext) throws(ReportError) {
        // Only calls of what is inlined somewhere decide the marks.
        let graph = try TrimmedGraph(context, edges: .inlined)
        self.context = context
        outputUnit = context.outputUnit(smallest: graph.smallestValue)
        header = context.headerLines(of: graph, in: outputUnit)
        droppedCount = graph.droppedNodeCount
        entries = graph.nodes.map { node in
            Entry(
                name: graph.printableName(node), flat: graph.weights.flatValue(node),
                cumulative: graph.weights.cumulativeValue(node), inlining: Self.inlining(node, graph.edges))
        }
    }

    /// Adds up `profile`, which has to be valid, with the options of `kind` top.
    public init(_ profile: Profile, options: ReportOptions = ReportOptions()) throws(ReportError) {
        try self.init(ReportContext(profile, kind: .top, options: options))
    }

    private static func inlining(_ node: Int, _ edges: GraphEdges) -> Inlining {
        var (isInlined, isCalled) = (false, false)
        for edge in edges.calls(of: node) {
            if edges.edges[edge].isInline { isInlined = true } else { isCalled = true }
        }
        return !isInlined ? .never : isCalled ? .partial : .always
    }
}

import ProfileModel
public import RegularExpressions

/// The most expensive entries, each with its callers and callees: what `pprof -tree` prints, and `-peek` of the entries
/// that match an expression.
public struct TreeReport: Sendable {
    /// A caller or callee of an entry.
    public struct Neighbour: Sendable {
        /// What is printed for it.
        public var name: String
        /// What was measured below the call.
        public var weight: Int64
        /// Whether it was inlined each time.
        public var isInline: Bool
    }

    /// An entry.
    public struct Entry: Sendable {
        /// What is printed for it.
        public var name: String
        /// What was measured in the entry itself.
        public var flat: Int64
        /// What was measured in it and everything it called.
        public var cumulative: Int64
        /// Who calls it, the heaviest call first.
        public var callers: [Neighbour]
        /// What it calls, the heaviest call first.
        public var callees: [Neighbour]
    }

    /// The lines above the table.
    public let header: [String]
    /// The entries that match, in order.
    public let entries: [Entry]
    /// The unit that values are printed in.
    public let outputUnit: String

    let context: ReportContext
    /// Whether there would be entries without the expression.
    private let hasNodes: Bool

    /// Adds up the profile. O(frames of all samples).
    ///
    /// - Parameter expression: The names to show; nil for all.
    public init(_ context: ReportContext, matching expression: RegularExpression? = nil) throws(ReportError) {
        let graph: TrimmedGraph
        if let expression {
            graph = try TrimmedGraph(context, edges: .around(expression.matches))
        } else {
            graph = try TrimmedGraph(context)
        }
        outputUnit = context.outputUnit(smallest: graph.smallestValue)
        header = context.headerLines(of: graph, in: outputUnit)
        self.context = context
        hasNodes = !graph.nodes.isEmpty
        entries = graph.nodes.compactMap { node -> Entry? in
            let name = graph.printableName(node)
            if let expression, !expression.matches(name) { return nil }
            return Entry(
                name: name, flat: graph.weights.flatValue(node), cumulative: graph.weights.cumulativeValue(node),
                callers: graph.calls(of: node).map { edge in
                    Neighbour(
                        name: graph.printableName(Int(edge.caller)), weight: edge.weight, isInline: edge.isInline)
                },
                callees: graph.calls(from: node).map { edge in
                    Neighbour(
                        name: graph.printableName(Int(edge.callee)), weight: edge.weight, isInline: edge.isInline)
                })
        }
        if let expression, entries.isEmpty { throw .noMatches(expression.pattern) }
    }

    /// The report as text, as pprof prints it, with a newline at its end.
    public func render() -> String {
        let separator = String(repeating: "-", count: 58) + "+-------------\n"
        var text = header.map { $0 + "\n" }.joined() + separator
        text += "      flat  flat%   sum%        cum   cum%   calls calls% + context \t \t \n"
        let total = context.total
        let formatter = ValueFormatter(context, unit: outputUnit)
        var sum: Int64 = 0
        for entry in entries {
            text += separator
            func add(_ neighbours: [Neighbour]) {
                for neighbour in neighbours {
                    text += padded(formatter.format(neighbour.weight), to: 50) + " "
                    text += Measurement.percentage(neighbour.weight, of: entry.cumulative) + " |   " + neighbour.name
                    text += neighbour.isInline ? " (inline)\n" : "\n"
                }
            }
            add(entry.callers)
            sum &+= entry.flat
            text += padded(formatter.format(entry.flat), to: 10) + " " + Measurement.percentage(entry.flat, of: total)
            text += " " + Measurement.percentage(sum, of: total)
            text += " " + padded(formatter.format(entry.cumulative), to: 10) + " "
            text += Measurement.percentage(entry.cumulative, of: total) + "                | " + entry.name + "\n"
            add(entry.callees)
        }
        return hasNodes ? text + separator : text
    }
}

/// `text` with spaces before it up to a width in characters, as Go counts them.
public func padded(_ text: String, to width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.unicodeScalars.count)) + text
}

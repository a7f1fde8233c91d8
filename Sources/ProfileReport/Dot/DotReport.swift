import ProfileModel

/// The call graph in the language of Graphviz's `dot`: what `pprof -dot` prints, and the pictures are made from.
///
/// Facts: github.com/google/pprof `internal/graph/dotgraph.go`. Two things differ, neither where pprof's text is read by
/// `dot` as it should be: quotes in labels and in the title are escaped, and names of Swift and Rust are shortened by
/// rules of their own.
public struct DotReport: Sendable {
    private let text: String

    /// Adds up the profile. O(frames of all samples).
    public init(_ context: ReportContext) throws(ReportError) {
        let graph = try TrimmedGraph(context)
        let unit = context.outputUnit(smallest: graph.smallestValue)
        var writer = DotWriter(graph, context, ValueFormatter(context, unit: unit))
        text = writer.write(header: context.headerLines(of: graph, in: unit))
    }

    /// The report.
    public func render() -> String { text }
}

private struct DotWriter {
    private let graph: TrimmedGraph
    private let context: ReportContext
    private let formatter: ValueFormatter
    private var text = ""
    /// By node, the number that it is drawn under; 0 for those that are not shown.
    private var numbers: [Int: Int] = [:]

    init(_ graph: TrimmedGraph, _ context: ReportContext, _ formatter: ValueFormatter) {
        self.graph = graph
        self.context = context
        self.formatter = formatter
    }

    mutating func write(header: [String]) -> String {
        let title = Self.escapedQuotes(context.title)
        text = "digraph \"\(title.isEmpty ? "unnamed" : title)\" {\nnode [style=filled fillcolor=\"#f8f8f8\"]\n"
        text += "subgraph cluster_L { \"\(Self.escaped(header.first ?? ""))\" [shape=box fontsize=16"
        text += " label=\"" + header.map(Self.escaped).joined(separator: "\\l") + "\\l\""
        if !title.isEmpty { text += " tooltip=\"\(title)\"" }
        text += "] }\n"
        for (position, node) in graph.nodes.enumerated() { numbers[node] = position + 1 }
        let largest = graph.nodes.map { Double(graph.weights.flatValue($0)).magnitude }.max() ?? 0
        var hasTags: Set<Int> = []
        for node in graph.nodes {
            write(node, largest: largest)
            if writeTags(of: node) { hasTags.insert(node) }
        }
        let edges = graph.nodes.flatMap { graph.edges.calls(from: $0) }.map { graph.edges.edges[$0] }
        for edge in edges.sorted(by: graph.precedes) { write(edge, hasTags: hasTags.contains(Int(edge.caller))) }
        return text + "}\n"
    }

    private mutating func write(_ node: Int, largest: Double) {
        let (flat, cumulative) = (graph.weights.flatValue(node), graph.weights.cumulativeValue(node))
        let number = numbers[node] ?? 0
        var label = multilineName(node)
        let flatText = formatter.format(flat)
        var cumulativeText = flatText
        label += flat != 0 ? "\(flatText) (\(share(flat)))" : "0"
        if cumulative != flat {
            cumulativeText = formatter.format(cumulative)
            label += (flat != 0 ? "\\n" : " ") + "of \(cumulativeText) (\(share(cumulative)))"
        }
        var fontSize = 8
        let size = Double(flat).magnitude
        if largest != 0, flat != 0, size <= largest {
            fontSize += Int((16 * (size / largest).squareRoot()).rounded(.up))
        }
        let score = Double(cumulative) / Double(absolute(context.total))
        text += "N\(number) [label=\"\(label)\" id=\"node\(number)\" fontsize=\(fontSize) shape=box"
        text += " tooltip=\"\(Self.escaped(graph.printableName(node))) (\(cumulativeText))\""
        text += " color=\"\(DotColor.line(score))\" fillcolor=\"\(DotColor.fill(score))\"]\n"
    }

    private func share(_ value: Int64) -> Substring {
        Measurement.percentage(value, of: context.total).drop { $0 == " " }
    }

    /// The parts of a node's name below each other: namespaces, types and methods of a shortened name, and the file
    /// without its folders.
    private func multilineName(_ node: Int) -> String {
        let info = graph.info(node)
        let function = Int(graph.table.functions[graph.tableNode(node)])
        let language =
            function < 0
            ? .other
            : ShortNames.language(ofSystemName: context.profile.string(context.profile.functions[function].systemName))
        let name = Self.escaped(ShortNames.short(graph.table.texts[info.name], language))
        // Go writes type parameters as [...], which are to stay together.
        let lines = name.replacing("::", with: "\\n").replacing("[...]", with: "[…]").replacing(".", with: "\\n")
        let texts = graph.table.texts
        let file = info.file.isEmpty ? "" : Self.escapedQuotes(baseName(texts[info.file]))
        return NodeTable.nameParts(info, name: lines, file: file, object: texts[info.object]).joined(separator: "\\n")
            + "\\n"
    }

    private mutating func write(_ edge: GraphEdge, hasTags: Bool) {
        let weight = formatter.format(edge.value)
        let (caller, callee) = (Int(edge.caller), Int(edge.callee))
        text += "N\(numbers[caller] ?? 0) -> N\(numbers[callee] ?? 0) [label=\" \(weight)"
        text += edge.isInline ? "\\n (inline)\"" : "\""
        if context.total != 0 {
            func share(_ steps: Int64) -> Int64 { min(absolute(quotient(edge.value &* steps, context.total)), steps) }
            if share(100) > 0 { text += " weight=\(1 + share(100))" }
            if share(5) > 0 { text += " penwidth=\(1 + share(5))" }
            text += " color=\"\(DotColor.line(Double(edge.value) / Double(absolute(context.total))))\""
        }
        let arrow = edge.isResidual ? "..." : "->"
        let tooltip =
            "\"\(Self.escaped(graph.printableName(caller))) \(arrow) \(Self.escaped(graph.printableName(callee)))"
            + " (\(weight))\""
        text += " tooltip=\(tooltip) labeltooltip=\(tooltip)"
        if edge.isResidual { text += " style=\"dotted\"" }
        // Room for the boxes of the labels.
        if hasTags { text += " minlen=2" }
        text += "]\n"
    }

    /// Writes the boxes of a node's labels, and says whether there are any.
    private mutating func writeTags(of node: Int) -> Bool {
        guard let tags = graph.tags else { return false }
        let before = text.utf8.count
        // At the ends of the graph labels stand for what was cut off below, too.
        let showsFlat = graph.edges.calls(from: node).contains { _ in true }
        let source = "N\(numbers[node] ?? 0)"
        for (position, tag) in tags.textTags(of: node, byFlat: showsFlat).prefix(NodeTags.shownCount).enumerated() {
            let value = showsFlat ? tag.flatValue : tag.cumulativeValue
            if value == 0 { continue }
            writeTag("\(source)_\(position)", named: tag.name, of: source, formatter.format(value), isDotted: false)
            write(
                tags.numberTags(of: node, with: tag.name, byFlat: showsFlat), of: "\(source)_\(position)",
                showsFlat: showsFlat)
        }
        write(tags.numberTags(of: node, with: "", byFlat: showsFlat), of: source, showsFlat: showsFlat)
        return text.utf8.count != before
    }

    private mutating func write(_ numberTags: [NodeTags.Tag], of source: String, showsFlat: Bool) {
        let groups = DotTagGroups.collapse(numberTags, to: NodeTags.shownCount, byFlat: showsFlat)
        for (position, tag) in groups.enumerated() {
            let isFlat = showsFlat || tag.flatValue == tag.cumulativeValue
            let value = isFlat ? tag.flatValue : tag.cumulativeValue
            if value == 0 { continue }
            writeTag("N\(source)_\(position)", named: tag.name, of: source, formatter.format(value), isDotted: !isFlat)
        }
    }

    private mutating func writeTag(
        _ id: String, named name: String, of source: String, _ weight: String, isDotted: Bool
    ) {
        text +=
            "\(id) [label = \"\(Self.escapedQuotes(name))\" id=\"\(id)\" fontsize=8 shape=box3d tooltip=\"\(weight)\"]\n"
        text += "\(source) -> \(id) [label=\" \(weight)\" weight=100 tooltip=\"\(weight)\" labeltooltip=\"\(weight)\""
        text += isDotted ? " style=\"dotted\"]\n" : "]\n"
    }

    /// `text` as it may stand between quotes, with its lines aligned to the left.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        // Scalars: a carriage return and a line break are one character.
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\l"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// `text`, in which backslashes are meant for `dot`, without quotes that would end it.
    private static func escapedQuotes(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "\"")) else { return text }
        return text.unicodeScalars.reduce(into: "") { escaped, scalar in
            if scalar == "\"" { escaped += "\\" }
            escaped.unicodeScalars.append(scalar)
        }
    }
}

import ProfileModel

/// The call graph in the format of Callgrind, which KCachegrind reads: what `pprof -callgrind` prints.
///
/// Facts: github.com/google/pprof `internal/report/report.go`, `printCallgrind`; valgrind.org `docs/manual/cl-format`.
public struct CallgrindReport: Sendable {
    private let text: String

    /// Adds up the profile. O(frames of all samples).
    public init(_ context: ReportContext) {
        let graph = TrimmedGraph(context)
        let unit = context.outputUnit(smallest: graph.smallestValue)
        var writer = CallgrindWriter(graph, ValueFormatter(context, unit: unit))
        text = writer.write(event: context.values.type + "(" + unit + ")")
    }

    /// The report.
    public func render() -> String { text }
}

private struct CallgrindWriter {
    private let graph: TrimmedGraph
    private let formatter: ValueFormatter
    private var objects = NumberedNames()
    private var files = NumberedNames()
    private var names = NumberedNames()
    private let calleeNames: [Int: String]

    init(_ graph: TrimmedGraph, _ formatter: ValueFormatter) {
        self.graph = graph
        self.formatter = formatter
        calleeNames = Self.distinctNames(graph)
    }

    mutating func write(event: String) -> String {
        var text = "positions: instr line\nevents: \(event)\n"
        let texts = graph.table.texts
        var previous: NodeInfo?
        for node in graph.nodes {
            let info = graph.info(node)
            if previous.map({ ($0.object, $0.file, $0.name) != (info.object, info.file, info.name) }) ?? true {
                text += "\nob=" + objects.text(texts[info.object]) + "\nfl=" + files.text(texts[info.file])
                text += "\nfn=" + names.text(texts[info.name]) + "\n"
            }
            let flat = formatter.whole(graph.weights.flatValue(node))
            text += Self.position(info.address, after: previous) + " \(info.line) \(flat)\n"
            for edge in graph.calls(from: node) {
                let callee = graph.info(Int(edge.callee))
                text += "cfl=" + files.text(texts[callee.file]) + "\ncfn="
                text += names.text(calleeNames[Int(edge.callee)] ?? "") + "\n"
                // How often a call was made is not known.
                text += "calls=0 " + Self.position(callee.address, after: previous) + " \(callee.line)\n"
                text += "* * \(formatter.whole(edge.weight))\n"
            }
            previous = info
        }
        return text
    }

    /// The address, or how far it is from the one before, whichever is shorter.
    private static func position(_ address: UInt64, after previous: NodeInfo?) -> String {
        let absolute = (address == 0 ? "0x0" : "0x" + String(address, radix: 16))
        guard let previous else { return absolute }
        if previous.address == address { return "*" }
        let distance = Int64(bitPattern: address &- previous.address)
        let relative = (distance < 0 ? "" : "+") + String(distance)
        return relative.utf8.count < absolute.utf8.count ? relative : absolute
    }

    /// By node, its name, with a number where different functions have the same one: readers merge what has the same
    /// name and file.
    private static func distinctNames(_ graph: TrimmedGraph) -> [Int: String] {
        struct Key: Hashable {
            var file: StringID
            var name: StringID
        }
        /// A function: in a call tree, one for each caller.
        struct FunctionKey: Hashable {
            var info: NodeInfo
            var caller: Int32
        }
        func functionKey(_ node: Int) -> FunctionKey {
            var info = graph.info(node)
            (info.address, info.line, info.column) = (0, 0, 0)
            return FunctionKey(info: info, caller: graph.tree?.originalCaller(node) ?? 0)
        }
        var functions: [Key: [FunctionKey: Int]] = [:]
        for node in graph.nodes {
            let info = graph.info(node)
            let key = functionKey(node)
            let known = functions[Key(file: info.file, name: info.name), default: [:]].count
            if functions[Key(file: info.file, name: info.name)]?[key] == nil {
                functions[Key(file: info.file, name: info.name), default: [:]][key] = known
            }
        }
        var result: [Int: String] = [:]
        for node in graph.nodes {
            let info = graph.info(node)
            var name = graph.table.texts[info.name]
            if let same = functions[Key(file: info.file, name: info.name)], same.count > 1 {
                name += " [\((same[functionKey(node)] ?? 0) + 1)/\(same.count)]"
            }
            result[node] = name
        }
        return result
    }
}

/// Names that are written once, and after that as their numbers.
private struct NumberedNames {
    private var numbers: [String: Int] = [:]

    mutating func text(_ name: String) -> String {
        if name.isEmpty { return "" }
        if let number = numbers[name] { return "(\(number))" }
        numbers[name] = numbers.count + 1
        return "(\(numbers.count)) " + name
    }
}

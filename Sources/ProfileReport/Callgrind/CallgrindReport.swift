import Primitives
import ProfileModel

/// The call graph in the format of Callgrind, which KCachegrind reads: what `pprof -callgrind` prints.
///
/// Facts: github.com/google/pprof `internal/report/report.go`, `printCallgrind`; valgrind.org `docs/manual/cl-format`.
public struct CallgrindReport: Sendable {
    private let graph: TrimmedGraph
    private let formatter: ValueFormatter
    private let event: String

    /// Adds up the profile. O(frames of all samples).
    public init(_ context: ReportContext) {
        graph = TrimmedGraph(context)
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
        var writer = CallgrindWriter(graph, formatter)
        try writer.write(event: event, to: output)
    }
}

private struct CallgrindWriter {
    private let graph: TrimmedGraph
    private let formatter: ValueFormatter
    private var text = TextBuffer()
    /// What is named, and the names that were added to tell functions apart.
    private var texts: StringTable
    private var objects = NumberedNames()
    private var files = NumberedNames()
    private var functions = NumberedNames()
    /// By node, its name as a callee; empty if it is not listed.
    private let calleeNames: [StringID]

    init(_ graph: TrimmedGraph, _ formatter: ValueFormatter) {
        self.graph = graph
        self.formatter = formatter
        texts = graph.table.texts
        calleeNames = Self.distinctNames(graph, &texts)
    }

    mutating func write<Failure: Error>(
        event: String, to output: (RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        text.put("positions: instr line\nevents: " + event + "\n")
        var previous: NodeInfo?
        for node in graph.nodes {
            let info = graph.info(node)
            if previous.map({ ($0.object, $0.file, $0.name) != (info.object, info.file, info.name) }) ?? true {
                put("\nob=", info.object, objects.number(of: info.object))
                put("fl=", info.file, files.number(of: info.file))
                put("fn=", info.name, functions.number(of: info.name))
            }
            putPosition(info, after: previous)
            text.put(" ")
            text.put(formatter.whole(graph.weights.flatValue(node)))
            text.put("\n")
            for edge in graph.calls(from: node) {
                let callee = graph.info(Int(edge.callee))
                let name = calleeNames[Int(edge.callee)]
                put("cfl=", callee.file, files.number(of: callee.file))
                put("cfn=", name, functions.number(of: name))
                // How often a call was made is not known.
                text.put("calls=0 ")
                putPosition(callee, after: previous)
                text.put("\n* * ")
                text.put(formatter.whole(edge.weight))
                text.put("\n")
                if text.isFull {
                    try output(text.bytes.rawSpan)
                    text.removeAll()
                }
            }
            previous = info
        }
        try output(text.bytes.rawSpan)
    }

    /// A line with a name, or with its number alone if it was written before.
    private mutating func put(_ tag: String, _ name: StringID, _ numbered: (number: Int64, isNew: Bool)) {
        text.put(tag)
        if !name.isEmpty {
            text.put("(")
            text.put(numbered.number)
            text.put(numbered.isNew ? ") " + texts[name] : ")")
        }
        text.put("\n")
    }

    /// The address, or how far it is from the one before if that is shorter; and the line.
    private mutating func putPosition(_ info: NodeInfo, after previous: NodeInfo?) {
        text.put(Self.position(info.address, after: previous))
        text.put(" ")
        text.put(info.line)
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
    private static func distinctNames(_ graph: TrimmedGraph, _ texts: inout StringTable) -> [StringID] {
        struct Key: Hashable {
            var file: StringID
            var name: StringID
        }
        /// A function: in a call tree, one for each caller.
        struct FunctionKey: Hashable {
            var info: NodeInfo
            var caller: Int32
        }
        func keys(_ node: Int) -> (Key, FunctionKey) {
            var info = graph.info(node)
            // As pprof has it, a node with neither is a function of its own, whatever its column.
            if info.address != 0 || info.line != 0 { (info.address, info.line, info.column) = (0, 0, 0) }
            return (
                Key(file: info.file, name: info.name),
                FunctionKey(info: info, caller: graph.tree?.originalCaller(node) ?? 0)
            )
        }
        var functions: [Key: [FunctionKey: Int]] = [:]
        for node in graph.nodes {
            let (key, function) = keys(node)
            let count = functions[key]?.count ?? 0
            if functions[key]?[function] == nil { functions[key, default: [:]][function] = count }
        }
        var result = [StringID](repeating: .empty, count: graph.weights.flat.count)
        for node in graph.nodes {
            let (key, function) = keys(node)
            result[node] = key.name
            if let same = functions[key], same.count > 1 {
                let suffix = " [\((same[function] ?? 0) + 1)/\(same.count)]"
                result[node] = texts.intern(texts[key.name] + suffix)
            }
        }
        return result
    }
}

/// Names that are written once, and after that as their numbers.
private struct NumberedNames {
    /// By name, its number; 0 if it has none yet.
    private var numbers: [Int64] = []
    private var count: Int64 = 0

    /// The number of the name, and whether it is a new one. The empty name has none.
    mutating func number(of name: StringID) -> (number: Int64, isNew: Bool) {
        if name.isEmpty { return (0, false) }
        let position = Int(name.rawValue)
        if position >= numbers.count {
            numbers += repeatElement(0, count: max(position + 1 - numbers.count, numbers.count))
        }
        if numbers[position] != 0 { return (numbers[position], false) }
        count += 1
        numbers[position] = count
        return (count, true)
    }
}

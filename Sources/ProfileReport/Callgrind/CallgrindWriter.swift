import Primitives
import ProfileModel

/// Writes a graph line by line: one for each node and three for each call, of which a call tree can have millions.
struct CallgrindWriter {
    private let graph: TrimmedGraph
    /// Finds the calls where the graph has none.
    private var outgoing: OutgoingCalls?
    private var calls: [OutgoingCalls.Call] = []
    private let formatter: ValueFormatter
    private var text = TextBuffer()
    private let texts: StringTable
    private var objects: NumberedNames
    private var files: NumberedNames
    private var functions: NumberedNames
    private let names: CallgrindNames
    private var knownLines: CallLines

    init(_ graph: TrimmedGraph, _ outgoing: OutgoingCalls?, _ formatter: ValueFormatter) {
        self.graph = graph
        self.outgoing = outgoing
        self.formatter = formatter
        texts = graph.table.texts
        names = CallgrindNames(graph)
        objects = NumberedNames(count: texts.count)
        files = NumberedNames(count: texts.count)
        functions = NumberedNames(count: texts.count + names.countedCount)
        knownLines = CallLines(count: graph.table.count)
    }

    mutating func write<Failure: Error>(
        event: String, to output: (RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        text.put("positions: instr line\nevents: " + event + "\n")
        var previous: NodeInfo?
        for (position, node) in graph.nodes.enumerated() {
            let info = graph.info(node)
            if previous.map({ ($0.object, $0.file, $0.name) != (info.object, info.file, info.name) }) ?? true {
                text.put(literal: "\nob=")
                put(info.object, objects.number(of: Int(info.object.rawValue)))
                text.put(literal: "fl=")
                put(info.file, files.number(of: Int(info.file.rawValue)))
                text.put(literal: "fn=")
                put(info.name, functions.number(of: Int(info.name.rawValue)))
            }
            putAddress(info.address, after: previous)
            text.put(literal: " ")
            text.put(info.line)
            text.put(literal: " ")
            text.put(formatter.whole(graph.weights.flatValue(node)))
            text.put(literal: "\n")
            findCalls(from: node, at: position)
            for call in calls {
                put(call, after: previous)
                if text.isFull {
                    try output(text.bytes.rawSpan)
                    text.removeAll()
                }
            }
            previous = info
        }
        try output(text.bytes.rawSpan)
    }

    /// Puts the calls of `node`, the one at `position` of the graph's, into `calls`.
    private mutating func findCalls(from node: Int, at position: Int) {
        if outgoing != nil {
            outgoing?.put(ofCallerAt: position, into: &calls)
            return
        }
        calls.removeAll(keepingCapacity: true)
        for position in graph.edges.calls(from: node) {
            let edge = graph.edges.edges[position]
            calls.append(OutgoingCalls.Call(callee: edge.callee, rank: graph.rank(edge.callee), weight: edge.weight))
        }
        calls.sort { $0.precedes($1) }
    }

    /// The three lines of a call: the callee's names, where it is, and what was measured.
    private mutating func put(_ call: OutgoingCalls.Call, after previous: NodeInfo?) {
        let tableNode = graph.tableNode(Int(call.callee))
        if knownLines.has(tableNode), hasOwnName(Int(call.callee)) {
            let lines = knownLines[tableNode]
            text.put(lines.text.span.extracting(0..<Int(lines.middle)))
            putAddress(lines.address, after: previous)
            text.put(lines.text.span.extracting(Int(lines.middle)..<Int(lines.end)))
        } else {
            putNew(call, after: previous)
        }
        text.put(formatter.whole(call.weight))
        text.put(literal: "\n")
    }

    /// Whether the node is called as its own name says, if one of its node of the table is.
    private func hasOwnName(_ node: Int) -> Bool {
        if graph.tree == nil { return true }
        if case .own = names.name(node) { return true }
        return false
    }

    private mutating func putNew(_ call: OutgoingCalls.Call, after previous: NodeInfo?) {
        let callee = graph.info(Int(call.callee))
        let file = files.number(of: Int(callee.file.rawValue))
        text.put(literal: "cfl=")
        put(callee.file, file)
        text.put(literal: "cfn=")
        switch names.name(Int(call.callee)) {
        case .own:
            let function = functions.number(of: Int(callee.name.rawValue))
            put(callee.name, function)
            knownLines.add(graph.tableNode(Int(call.callee)), callee, file: file.number, function: function.number)
        case .none: text.put(literal: "\n")
        case .counted(let position, let ordinal, let count):
            put(callee.name, functions.number(of: texts.count + position), count: (ordinal, count))
        }
        // How often a call was made is not known.
        text.put(literal: "calls=0 ")
        putAddress(callee.address, after: previous)
        text.put(literal: " ")
        text.put(callee.line)
        text.put(literal: "\n* * ")
    }

    /// The rest of a line with a name, or with its number alone if it was written before.
    private mutating func put(
        _ name: StringID, _ numbered: (number: Int64, isNew: Bool), count: (ordinal: Int32, of: Int32)? = nil
    ) {
        if numbered.number != 0 {
            text.put(literal: "(")
            text.put(numbered.number)
            text.put(literal: ")")
        }
        if numbered.isNew {
            text.put(literal: " ")
            text.put(texts[name])
            if let count { text.put(" [\(count.ordinal)/\(count.of)]") }
        }
        text.put(literal: "\n")
    }

    /// The address, or how far it is from the one before if that is shorter.
    private mutating func putAddress(_ address: UInt64, after previous: NodeInfo?) {
        guard let previous, previous.address != address else {
            return previous == nil ? text.put(hexadecimal: address) : text.put(literal: "*")
        }
        let distance = Int64(bitPattern: address &- previous.address)
        if distance.magnitude < Self.powersOfTen[(64 - address.leadingZeroBitCount + 3) / 4] {
            if distance > 0 { text.put(literal: "+") }
            text.put(distance)
        } else {
            text.put(hexadecimal: address)
        }
    }

    /// By the number of an address's hexadecimal digits, what a distance has to be below to be shorter: it may have as many
    /// decimal digits, since its sign is one character and `0x` two.
    private static let powersOfTen: [UInt64] = (0...16).map { count in
        (0..<max(count, 1)).reduce(1) { power, _ in power * 10 }
    }
}

/// Names that are written once, and after that as their numbers.
private struct NumberedNames {
    /// By name, its number; 0 if it has none yet.
    private var numbers: [Int32]
    private var count: Int32 = 0

    init(count: Int) { numbers = Array(repeating: 0, count: count) }

    /// The number of a name, and whether it is a new one. The empty name, which is the first, has none.
    mutating func number(of name: Int) -> (number: Int64, isNew: Bool) {
        if name == 0 { return (0, false) }
        if numbers[name] != 0 { return (Int64(numbers[name]), false) }
        count += 1
        numbers[name] = count
        return (Int64(count), true)
    }
}

import Primitives
import ProfileModel

/// Writes a graph line by line: one for each node and three for each call, of which a call tree can have millions.
struct CallgrindWriter {
    private let graph: TrimmedGraph
    private let formatter: ValueFormatter
    private var text = TextBuffer()
    private let texts: StringTable
    private var objects: NumberedNames
    private var files: NumberedNames
    private var functions: NumberedNames
    private let names: CallgrindNames

    init(_ graph: TrimmedGraph, _ formatter: ValueFormatter) {
        self.graph = graph
        self.formatter = formatter
        texts = graph.table.texts
        names = CallgrindNames(graph)
        objects = NumberedNames(count: texts.count)
        files = NumberedNames(count: texts.count)
        functions = NumberedNames(count: texts.count + names.countedCount)
    }

    mutating func write<Failure: Error>(
        event: String, to output: (RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        text.put("positions: instr line\nevents: " + event + "\n")
        var previous: NodeInfo?
        var calls: [GraphEdge] = []
        for node in graph.nodes {
            let info = graph.info(node)
            if previous.map({ ($0.object, $0.file, $0.name) != (info.object, info.file, info.name) }) ?? true {
                text.put(literal: "\nob=")
                put(info.object, objects.number(of: Int(info.object.rawValue)))
                text.put(literal: "fl=")
                put(info.file, files.number(of: Int(info.file.rawValue)))
                text.put(literal: "fn=")
                put(info.name, functions.number(of: Int(info.name.rawValue)))
            }
            putPosition(info, after: previous)
            text.put(literal: " ")
            text.put(formatter.whole(graph.weights.flatValue(node)))
            text.put(literal: "\n")
            graph.putCalls(from: node, into: &calls)
            for edge in calls {
                put(edge, after: previous)
                if text.isFull {
                    try output(text.bytes.rawSpan)
                    text.removeAll()
                }
            }
            previous = info
        }
        try output(text.bytes.rawSpan)
    }

    private mutating func put(_ edge: GraphEdge, after previous: NodeInfo?) {
        let callee = graph.info(Int(edge.callee))
        text.put(literal: "cfl=")
        put(callee.file, files.number(of: Int(callee.file.rawValue)))
        text.put(literal: "cfn=")
        switch names.name(Int(edge.callee)) {
        case .own: put(callee.name, functions.number(of: Int(callee.name.rawValue)))
        case .none: text.put(literal: "\n")
        case .counted(let position, let ordinal, let count):
            put(callee.name, functions.number(of: texts.count + position), count: (ordinal, count))
        }
        // How often a call was made is not known.
        text.put(literal: "calls=0 ")
        putPosition(callee, after: previous)
        text.put(literal: "\n* * ")
        text.put(formatter.whole(edge.weight))
        text.put(literal: "\n")
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

    /// The address, or how far it is from the one before if that is shorter; and the line.
    private mutating func putPosition(_ info: NodeInfo, after previous: NodeInfo?) {
        putAddress(info.address, after: previous)
        text.put(literal: " ")
        text.put(info.line)
    }

    private mutating func putAddress(_ address: UInt64, after previous: NodeInfo?) {
        guard let previous, previous.address != address else {
            return previous == nil ? text.put(hexadecimal: address) : text.put(literal: "*")
        }
        let distance = Int64(bitPattern: address &- previous.address)
        let relativeLength = 1 + Self.digitCount(distance.magnitude, radix: 10)
        if relativeLength < 2 + Self.digitCount(address, radix: 16) {
            if distance > 0 { text.put(literal: "+") }
            text.put(distance)
        } else {
            text.put(hexadecimal: address)
        }
    }

    private static func digitCount(_ number: UInt64, radix: UInt64) -> Int {
        var (count, rest) = (1, number / radix)
        while rest > 0 {
            count += 1
            rest /= radix
        }
        return count
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

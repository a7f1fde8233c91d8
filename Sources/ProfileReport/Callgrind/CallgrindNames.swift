import ProfileModel

/// What nodes are called as callees: where several functions have the same name and file, which readers merge, the name
/// is followed by which of them it is, such as ` [2/3]`.
///
/// pprof numbers names by their texts, so that the second of three functions `a` of one file is the second of three functions `a`
/// of another. In a call tree a function is another one for each caller, and has millions of such names; they are only
/// made when they are written.
struct CallgrindNames {
    /// What a node is called.
    enum Name {
        /// As its own name says.
        case own
        /// With a count: the position of the name among all with counts, and which function of how many it is.
        case counted(position: Int, ordinal: Int32, count: Int32)
        /// The node is not listed, and so has no name, as in pprof.
        case none
    }

    /// How many names there are with counts.
    private(set) var countedCount = 0

    private let graph: TrimmedGraph
    /// By node of the table, its name and file, and its function: what tells functions apart beside the caller.
    private let names: [Int32]
    private let functions: [Int32]
    /// The functions with their callers; by their number, which of the name they are.
    private var callees = PairTable()
    private var ordinals: [Int32] = []
    /// By name and file, how many functions have it.
    private var counts: [Int32]
    /// By callee, the position of its name; -1 if that has no count.
    private var positions: [Int32] = []
    /// By node, whether it is listed.
    private var isListed: [Bool]

    /// The names of all nodes of `graph`.
    init(_ graph: TrimmedGraph) {
        self.graph = graph
        struct Key: Hashable {
            var file: StringID
            var name: StringID
        }
        var keys: [Key: Int32] = [:]
        var infos: [NodeInfo: Int32] = [:]
        var names: [Int32] = []
        var functions: [Int32] = []
        for var info in graph.table.infos {
            // As pprof has it, a node with neither is a function of its own, whatever its column.
            if info.address != 0 || info.line != 0 { (info.address, info.line, info.column) = (0, 0, 0) }
            let key = Key(file: info.file, name: info.name)
            names.append(keys[key] ?? Int32(keys.count))
            keys[key] = names.last
            functions.append(infos[info] ?? Int32(infos.count))
            infos[info] = functions.last
        }
        self.names = names
        self.functions = functions
        counts = Array(repeating: 0, count: keys.count)
        isListed = Array(repeating: false, count: graph.weights.flat.count)
        count()
        number()
    }

    /// Which of the functions of its name and file each is, in the order of the nodes.
    private mutating func count() {
        for node in graph.nodes {
            isListed[node] = true
            let tableNode = graph.tableNode(node)
            guard callees.number(Int(functions[tableNode]), caller(node)).isNew else { continue }
            counts[Int(names[tableNode])] += 1
            ordinals.append(counts[Int(names[tableNode])])
        }
    }

    /// Gives equal names the same position.
    private mutating func number() {
        var fractions = PairTable()
        var texts = PairTable()
        positions = Array(repeating: -1, count: ordinals.count)
        for node in graph.nodes {
            let tableNode = graph.tableNode(node)
            let count = Int(counts[Int(names[tableNode])])
            guard count > 1 else { continue }
            let callee = callees.find(Int(functions[tableNode]), caller(node))
            if positions[callee] >= 0 { continue }
            let fraction = fractions.number(Int(ordinals[callee]), count).number
            let name = Int(graph.table.infos[tableNode].name.rawValue)
            positions[callee] = Int32(truncatingIfNeeded: texts.number(name, fraction).number)
        }
        countedCount = texts.count
    }

    /// The caller that tells functions apart, in a call tree: whoever it was before nodes were removed.
    private func caller(_ node: Int) -> Int { graph.tree.map { Int($0.originalCaller(node)) } ?? 0 }

    /// What `node` is called as a callee.
    func name(_ node: Int) -> Name {
        guard isListed[node] else { return .none }
        let tableNode = graph.tableNode(node)
        let count = counts[Int(names[tableNode])]
        guard count > 1 else { return .own }
        let callee = callees.find(Int(functions[tableNode]), caller(node))
        return .counted(position: Int(positions[callee]), ordinal: ordinals[callee], count: count)
    }
}

/// The calls of a graph by their callers and callees.
struct GraphEdges {
    /// All calls; those that were removed are still here.
    private(set) var edges: [GraphEdge]
    private var isRemoved: [Bool]
    private let incoming: Grouping
    private let outgoing: Grouping

    init(_ edges: [GraphEdge], nodeCount: Int) {
        self.edges = edges
        isRemoved = Array(repeating: false, count: edges.count)
        incoming = Grouping(edges.lazy.map { Int($0.callee) }, groupCount: nodeCount)
        outgoing = Grouping(edges.lazy.map { Int($0.caller) }, groupCount: nodeCount)
    }

    /// The positions of the calls of `node`, in no order.
    func calls(of node: Int) -> some Sequence<Int> { incoming[node].lazy.filter { !isRemoved[$0] } }

    /// The positions of the calls that `node` makes, in no order.
    func calls(from node: Int) -> some Sequence<Int> { outgoing[node].lazy.filter { !isRemoved[$0] } }

    mutating func remove(_ edge: Int) { isRemoved[edge] = true }

    /// Removes the calls of `nodes` whose weight is below `cutoff`, and says how many there were.
    mutating func removeLight(_ nodes: [Int], below cutoff: Int64) -> Int {
        var count = 0
        if cutoff <= 0 { return 0 }
        for node in nodes {
            for edge in incoming[node] where !isRemoved[edge] && absolute(edges[edge].weight) < cutoff {
                isRemoved[edge] = true
                count += 1
            }
        }
        return count
    }

    /// Removes calls that stand for paths over nodes that are not shown, where another path is shown. What is as heavy
    /// as a real call of the same node stays.
    mutating func removeRedundant(_ nodes: [Int], inOrder precedes: (GraphEdge, GraphEdge) -> Bool) {
        // By node, the last search that came by.
        var visited = [Int](repeating: -1, count: outgoing.groupCount)
        for (search, node) in nodes.reversed().enumerated() {
            let sorted = calls(of: node).sorted { precedes(edges[$0], edges[$1]) }
            for (step, edge) in sorted.reversed().enumerated() {
                guard edges[edge].isResidual else { break }
                if isRedundant(edge, &visited, mark: search << 20 | min(step, (1 << 20) - 1)) { isRemoved[edge] = true }
            }
        }
    }

    /// Whether the callee can be reached from the caller without this call.
    private func isRedundant(_ edge: Int, _ visited: inout [Int], mark: Int) -> Bool {
        let goal = edges[edge].caller
        var queue = [edges[edge].callee]
        visited[Int(edges[edge].callee)] = mark
        var next = 0
        while next < queue.count {
            let node = Int(queue[next])
            next += 1
            for other in calls(of: node) where other != edge {
                let caller = edges[other].caller
                if visited[Int(caller)] == mark { continue }
                if caller == goal { return true }
                visited[Int(caller)] = mark
                queue.append(caller)
            }
        }
        return false
    }
}

/// Who calls each node of a call tree. Callers come before those that they call.
struct CallTreeLinks {
    /// By node, the node that calls it; -1 for none.
    private(set) var callers: [Int32] = []
    private var isInline: [Bool] = []
    /// By node, whether nodes were removed between it and its caller.
    private var isResidual: [Bool] = []

    mutating func append(caller: Int32, isInline: Bool, isResidual: Bool) {
        callers.append(caller)
        self.isInline.append(isInline)
        self.isResidual.append(isResidual)
    }

    /// Removes the nodes of `nodes` that are not in `kept`; what they call is then called by their callers.
    mutating func remove(_ nodes: [Int], except kept: [Int]) {
        var isRemoved = [Bool](repeating: false, count: callers.count)
        for node in nodes { isRemoved[node] = true }
        for node in kept { isRemoved[node] = false }
        // Callers come first, so that theirs are right already.
        for node in callers.indices {
            let caller = Int(callers[node])
            guard caller >= 0, isRemoved[caller] else { continue }
            callers[node] = callers[caller]
            isResidual[node] = true
            isInline[node] = isInline[node] && isInline[caller]
        }
        for node in callers.indices where isRemoved[node] { callers[node] = -1 }
    }

    /// Makes roots of those of `nodes` that weigh less than `cutoff`.
    mutating func removeLight(_ nodes: [Int], below cutoff: Int64, _ weights: NodeWeights) {
        for node in nodes where absolute(weights.cumulative[node]) < cutoff { callers[node] = -1 }
    }

    /// All calls. A node's is as heavy as the node.
    func edges(_ weights: NodeWeights) -> [GraphEdge] {
        callers.indices.compactMap { node -> GraphEdge? in
            if callers[node] < 0 { return nil }
            return GraphEdge(
                caller: callers[node], callee: Int32(truncatingIfNeeded: node), isResidual: isResidual[node],
                isInline: isInline[node], weight: weights.cumulative[node],
                divisor: weights.cumulativeDivisors.isEmpty ? 0 : weights.cumulativeDivisors[node])
        }
    }
}

/// The frames of all samples as one forest, in which equal paths from the root share their nodes.
struct CallTree {
    /// By node of the tree, which node of the table it is.
    private(set) var tableNodes: [Int32] = []
    /// What was measured, by node.
    private(set) var weights: NodeWeights
    /// The calls.
    private(set) var links = CallTreeLinks()

    /// Finds the node that a path goes on to: by a node plus 1, or 0 for the root, and a node of the table.
    private var children = PairTable()

    /// The tree of all samples. O(frames of all samples).
    init(_ stacks: SampleStacks, isMean: Bool) {
        weights = NodeWeights(count: 0, isMean: isMean)
        for sample in 0..<stacks.count {
            let (value, divisor) = stacks.value(of: sample)
            if value == 0, divisor == 0 { continue }
            var caller = -1
            stacks.forEachFrame(of: sample) { tableNode, isInline in
                let (node, isNew) = children.number(caller + 1, tableNode)
                if isNew {
                    tableNodes.append(Int32(truncatingIfNeeded: tableNode))
                    weights.flat.append(0)
                    weights.cumulative.append(0)
                    if isMean {
                        weights.flatDivisors.append(0)
                        weights.cumulativeDivisors.append(0)
                    }
                    links.append(caller: caller, isInline: isInline)
                } else if !isInline {
                    links.setNotInline(node)
                }
                weights.cumulative[node] &+= value
                if isMean { weights.cumulativeDivisors[node] &+= divisor }
                caller = node
            }
            if caller < 0 { continue }
            weights.flat[caller] &+= value
            if isMean { weights.flatDivisors[caller] &+= divisor }
        }
    }

    /// The node that calls `node`, whatever was removed since; -1 for none.
    func originalCaller(_ node: Int) -> Int32 { links.callers[node] }

    /// The number of nodes.
    var count: Int { tableNodes.count }

    /// Calls `body` with each node on the path of a sample that was counted, the root first.
    func forEachNode(of sample: Int, in stacks: SampleStacks, _ body: (Int) -> Void) {
        var caller = -1
        stacks.forEachFrame(of: sample) { tableNode, _ in
            caller = children.find(caller + 1, tableNode)
            body(caller)
        }
    }
}

/// Who calls each node of a call tree. Callers come before those that they call.
struct CallTreeLinks {
    /// By node, the node that calls it; -1 for none.
    private(set) var callers: [Int32] = []
    private var isInline: [Bool] = []
    /// By node, whether nodes were removed between it and its caller.
    private var isResidual: [Bool] = []

    mutating func append(caller: Int, isInline: Bool) {
        callers.append(Int32(truncatingIfNeeded: caller))
        self.isInline.append(isInline)
        isResidual.append(false)
    }

    mutating func setNotInline(_ node: Int) { isInline[node] = false }

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

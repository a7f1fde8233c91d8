/// The paths that lead to some nodes of a call tree, to find the samples that come by.
struct CallTreePaths {
    /// The steps of all paths: by the step before plus 1, or 0 at the root, and the node of the table.
    private var steps = PairTable()
    /// By step, the node of the tree that it leads to; -1 for those on the way.
    private var nodes: [Int32] = []

    /// - Parameter ends: The nodes, and where each was met first.
    init(_ ends: [(node: Int, origin: CallTreeBuilder.Origin)], _ stacks: SampleStacks) {
        let ends = ends.sorted { ($0.origin.sample, $0.origin.depth) < ($1.origin.sample, $1.origin.depth) }
        var next = 0
        while next < ends.count {
            let sample = ends[next].origin.sample
            var (step, depth): (Int, Int32) = (-1, -1)
            stacks.forEachFrame(of: Int(sample)) { tableNode, _ in
                guard next < ends.count, ends[next].origin.sample == sample else { return }
                depth &+= 1
                let (number, isNew) = steps.number(step + 1, tableNode)
                if isNew { nodes.append(-1) }
                step = number
                guard ends[next].origin.depth == depth else { return }
                nodes[step] = Int32(truncatingIfNeeded: ends[next].node)
                next += 1
            }
        }
    }

    /// Calls `body` with each of the nodes that the path of a sample leads to, the root first, and whether it ends there.
    @inline(__always)
    func forEachNode(of sample: Int, in stacks: SampleStacks, _ body: (_ node: Int, _ isLeaf: Bool) -> Void) {
        var step = -1
        var isOnPath = true
        var last: Int32 = -1
        stacks.forEachFrame(of: sample) { tableNode, _ in
            if last >= 0 { body(Int(last), false) }
            last = -1
            if !isOnPath { return }
            step = steps.find(step + 1, tableNode)
            isOnPath = step >= 0
            if isOnPath { last = nodes[step] }
        }
        if last >= 0 { body(Int(last), true) }
    }
}

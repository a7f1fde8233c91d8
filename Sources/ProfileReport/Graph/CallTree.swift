import ProfileModel

/// The frames of all samples as one forest, in which equal paths from the root share their nodes: those nodes of it that
/// reports look at.
///
/// A million stacks can have forty million nodes, of which a graph shows eighty. So the forest as a whole is only walked
/// (`CallTreeBuilder`). Of its nodes there are here those that are heavy enough; and of nodes that are not listed, because
/// what was measured there adds up to nothing, those that call a heavy one or are called by one.
struct CallTree {
    /// By node of the tree, which node of the table it is. In the order in which samples first come by; callers come before those
    /// that they call.
    private(set) var tableNodes: [Int32] = []
    /// What was measured, by node.
    private(set) var weights: NodeWeights
    /// The calls.
    private(set) var links = CallTreeLinks()
    /// The nodes that are heavy enough, in order.
    private(set) var nodes: [Int] = []
    /// How many nodes of the whole forest are listed, heavy or not.
    let listedCount: Int
    /// What was measured in these themselves.
    let flatSum: Int64
    /// The absolute value of what was measured in and below a node that makes it heavy enough.
    let cutoff: Int64

    /// The first sample whose path leads to each node, and how many nodes lie above it.
    private var origins: [CallTreeBuilder.Origin] = []

    /// The tree of all samples. O(frames of all samples); memory O(samples + its nodes).
    ///
    /// - Parameters:
    ///   - nodeFraction: What part of `flatSum` makes a node heavy enough.
    ///   - dropsNegative: Whether nodes that saved something are not listed.
    init(
        _ stacks: SampleStacks, nodeCount: Int, nodeFraction: Double, dropsNegative: Bool
    ) throws(ReportError) {
        var sum = Int64(0)
        if dropsNegative {
            // Which of the values count depends on the whole forest.
            var builder = CallTreeBuilder(stacks, nodeCount: nodeCount, cutoff: .max, dropsNegative: true)
            try builder.walk()
            sum = builder.flatSum
        } else {
            for sample in 0..<stacks.count where stacks.hasFrames(sample) { sum &+= stacks.value(of: sample).value }
        }
        cutoff = absolute(truncated(Double(sum) * nodeFraction))
        var builder = CallTreeBuilder(stacks, nodeCount: nodeCount, cutoff: cutoff, dropsNegative: dropsNegative)
        try builder.walk()
        listedCount = builder.listedCount
        flatSum = builder.flatSum
        weights = NodeWeights(count: 0, isMean: stacks.isMean)
        take(builder.nodes, stacks)
    }

    /// Numbers the nodes in the order of the samples that first come by.
    private mutating func take(_ made: [CallTreeBuilder.Node], _ stacks: SampleStacks) {
        // Of those that the same sample comes by first, the outer one was made first.
        let bySample = Grouping(made.lazy.map { Int($0.origin.sample) }, groupCount: stacks.count)
        var numbers = [Int32](repeating: -1, count: made.count)
        tableNodes.reserveCapacity(made.count)
        origins.reserveCapacity(made.count)
        for sample in 0..<stacks.count {
            for position in bySample[sample] {
                let node = made[position]
                let number = tableNodes.count
                numbers[position] = Int32(truncatingIfNeeded: number)
                tableNodes.append(node.tableNode)
                origins.append(node.origin)
                weights.append(node, isMean: stacks.isMean)
                links.append(
                    caller: node.caller < 0 ? -1 : numbers[Int(node.caller)], isInline: node.isInline,
                    isResidual: node.isResidual)
                if node.isHeavy { nodes.append(number) }
            }
        }
    }

    /// The node that calls `node`, whatever was removed since; -1 for none.
    func originalCaller(_ node: Int) -> Int32 { links.callers[node] }

    /// The number of nodes.
    var count: Int { tableNodes.count }

    /// The paths that lead to some of the nodes.
    func paths(to nodes: some Sequence<Int>, in stacks: SampleStacks) -> CallTreePaths {
        CallTreePaths(nodes.map { ($0, origins[$0]) }, stacks)
    }
}

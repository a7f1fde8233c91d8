import ProfileModel

/// The nodes of a profile and the calls between them, without what is too small to show.
///
/// A graph has a node for each function (or file, line, address); a call tree has one for each path that leads there.
/// The steps are pprof's (github.com/google/pprof `internal/report/report.go`, `newTrimmedGraph`), which builds a new
/// graph after each. Here the weights of nodes are added up once, because leaving others out does not change them, and
/// calls only where they are looked at.
struct TrimmedGraph {
    /// Which calls a report looks at.
    enum WantedEdges {
        case all
        /// None: the report finds them itself. Without call_tree, and without limits to what is shown.
        case none
        /// Those of nodes that are inlined somewhere.
        case inlined
        /// Those of and by the nodes that match.
        case around((_ printableName: String) -> Bool)
    }

    /// What nodes are told apart by.
    let table: NodeTable
    /// By node of a call tree, the node of `table` that it is one of; nil if this is no tree.
    let tree: CallTree?
    /// What was measured, by node.
    let weights: NodeWeights

    /// The nodes to show, in order.
    private(set) var nodes: [Int] = []
    /// The calls between nodes. They may name nodes that are not shown: those that cost nothing in all.
    private(set) var edges = GraphEdges([], nodeCount: 0)
    /// By node of `table`, the place of its name among others, at least those of nodes with calls; empty where no calls
    /// are printed.
    private var ranks: [Int32] = []
    /// What the labels of samples say, by node; nil if the report does not show it.
    private(set) var tags: NodeTags?

    /// How many nodes were below the fraction of the total that is shown.
    private(set) var droppedNodeCount = 0
    /// How many calls were.
    private(set) var droppedEdgeCount = 0
    /// How many nodes were above it, of which only the first may be shown.
    private(set) var candidateCount = 0

    init(_ context: ReportContext, edges wanted: WantedEdges = .all) throws(ReportError) {
        let options = context.options
        if options.callTree, context.kind.honoursCallTree {
            table = Self.table(context)
            let stacks = SampleStacks(context, table)
            let tree = try CallTree(
                stacks, nodeCount: table.count, nodeFraction: options.nodeFraction, dropsNegative: options.dropNegative)
            self.tree = tree
            weights = tree.weights
            try trimTree(context, tree, stacks)
        } else {
            (table, weights) = try context.graphs.nodes(of: context) { () throws(ReportError) in
                let table = Self.table(context)
                let stacks = SampleStacks(context, table)
                return (table, try NodeWeights(stacks, nodeCount: table.count, isMean: options.mean))
            }
            tree = nil
            nodes = weights.listed(droppingNegative: options.dropNegative)
            try trimGraph(context, SampleStacks(context, table), wanted)
        }
    }

    private static func table(_ context: ReportContext) -> NodeTable {
        NodeTable(
            context.profile, granularity: context.granularity, options: context.options,
            tellsBinariesApart: context.kind.tellsBinariesApart)
    }

    /// What tells the node from others.
    func info(_ node: Int) -> NodeInfo { table.infos[tableNode(node)] }

    /// What is printed for the node.
    func printableName(_ node: Int) -> String { table.names[tableNode(node)] }

    /// The node of `table` behind a node.
    func tableNode(_ node: Int) -> Int {
        guard let tree else { return node }
        return Int(tree.tableNodes[node])
    }

    /// What finds the calls between nodes of a graph made without them; nil of a call tree.
    func outgoingCalls(_ context: ReportContext) throws(ReportError) -> OutgoingCalls? {
        if tree != nil { return nil }
        let ranks = table.ranks(of: 0..<Int32(table.count), by: table.names)
        return try OutgoingCalls(SampleStacks(context, table), callers: nodes, ranks: ranks)
    }

    /// The calls of `node`, in the order in which they are printed.
    func calls(of node: Int) -> [GraphEdge] { edges.calls(of: node).map { edges.edges[$0] }.sorted(by: precedes) }

    /// The calls that `node` makes, in the order in which they are printed.
    func calls(from node: Int) -> [GraphEdge] { edges.calls(from: node).map { edges.edges[$0] }.sorted(by: precedes) }

    /// The smallest value that is shown, without sign, to choose a unit by; 0 if all are; nil without nodes.
    var smallestValue: Int64? {
        if nodes.isEmpty { return nil }
        var smallest: Int64 = 0
        for node in nodes {
            var value = absolute(weights.flatValue(node))
            if value == 0 { value = absolute(weights.cumulativeValue(node)) }
            if value > 0, smallest == 0 || value < smallest { smallest = value }
        }
        return smallest
    }
}

// The steps of trimming.
extension TrimmedGraph {
    /// The value below which nodes or calls are left out.
    private func cutoff(_ flatSum: Int64, _ fraction: Double) -> Int64 {
        absolute(truncated(Double(flatSum) * fraction))
    }

    /// The nodes that are heavy enough, if that is not all of them.
    private func heavyNodes(_ cutoff: Int64) -> [Int]? {
        if cutoff <= 0 { return nil }
        let heavy = nodes.filter { absolute(weights.cumulative[$0]) >= cutoff }
        return heavy.count == nodes.count ? nil : heavy
    }

    private mutating func trimGraph(_ context: ReportContext, _ all: SampleStacks, _ wanted: WantedEdges)
        throws(ReportError)
    {
        let options = context.options
        let isGraphical = context.kind.isGraphical
        let flatSum = nodes.reduce(Int64(0)) { $0 &+ weights.flat[$1] }
        let nodeCutoff = cutoff(flatSum, options.nodeFraction)
        let edgeCutoff = cutoff(flatSum, options.edgeFraction)
        var stacks = all
        func keep(_ nodes: [Int]) {
            var kept = [Bool](repeating: false, count: table.count)
            for node in nodes { kept[node] = true }
            stacks = SampleStacks(context, table, kept: kept)
        }
        if let heavy = heavyNodes(nodeCutoff) {
            droppedNodeCount = nodes.count - heavy.count
            nodes = heavy
            keep(heavy)
        }
        candidateCount = nodes.count
        let order: NodeOrder = isGraphical ? .entropy : options.sort == .cum ? .cumulative : .flat
        if isGraphical { edges = try allEdges(stacks, .all) }
        sort(&nodes, by: order, edges)
        if options.nodeCount > 0 {
            if isGraphical {
                tags = try NodeTags(
                    context, stacks, nodes.prefix(options.nodeCount), nodeCount: table.count, cutoff: nodeCutoff)
                // pprof does not count what it removes here, unless the graph is built anew below.
                _ = edges.removeLight(nodes, below: edgeCutoff)
            }
            let selected = selectedCount(options.nodeCount, isGraphical)
            if selected < nodes.count {
                nodes.removeSubrange(selected...)
                keep(nodes)
                if isGraphical {
                    edges = try allEdges(stacks, .all)
                    sort(&nodes, by: order, edges)
                }
            }
        } else if isGraphical {
            tags = try NodeTags(context, stacks, nodes[...], nodeCount: table.count, cutoff: nodeCutoff)
        }
        if !isGraphical { edges = try allEdges(stacks, wanted) }
        droppedEdgeCount = edges.removeLight(nodes, below: edgeCutoff)
        switch wanted {
        case .inlined, .none: return
        case .all, .around: rankNames()
        }
        if isGraphical { removeRedundantEdges() }
    }

    private mutating func trimTree(_ context: ReportContext, _ tree: CallTree, _ stacks: SampleStacks)
        throws(ReportError)
    {
        let options = context.options
        let isGraphical = context.kind.isGraphical
        let (nodeCutoff, edgeCutoff) = (tree.cutoff, cutoff(tree.flatSum, options.edgeFraction))
        var links = tree.links
        nodes = tree.nodes
        droppedNodeCount = tree.listedCount - nodes.count
        candidateCount = nodes.count
        let order: NodeOrder = isGraphical ? .entropy : options.sort == .cum ? .cumulative : .flat
        let nodeRanks = NodeRanks(table)
        ranks = nodeRanks.names
        edges = GraphEdges(links.edges(weights), nodeCount: tree.count)
        sort(&nodes, by: order, edges, nodeRanks)
        if options.nodeCount > 0 {
            if isGraphical {
                tags = try NodeTags(context, tree, nodes.prefix(options.nodeCount), cutoff: nodeCutoff, stacks)
            }
            links.removeLight(nodes, below: edgeCutoff, weights)
            let selected = selectedCount(options.nodeCount, isGraphical)
            if selected < nodes.count {
                links.remove(nodes, except: Array(nodes[..<selected]))
                nodes.removeSubrange(selected...)
                edges = GraphEdges(links.edges(weights), nodeCount: tree.count)
                sort(&nodes, by: order, edges, nodeRanks)
            } else {
                edges = GraphEdges(links.edges(weights), nodeCount: tree.count)
            }
        } else if isGraphical {
            tags = try NodeTags(context, tree, nodes[...], cutoff: nodeCutoff, stacks)
        }
        droppedEdgeCount = edges.removeLight(nodes, below: edgeCutoff)
    }

    /// Numbers the names of nodes in their order, so that sorting millions of calls compares no text.
    private mutating func rankNames() {
        var isCalling = [Bool](repeating: false, count: table.count)
        for edge in edges.edges {
            isCalling[tableNode(Int(edge.caller))] = true
            isCalling[tableNode(Int(edge.callee))] = true
        }
        ranks = table.ranks(of: isCalling.indices.filter { isCalling[$0] }.map { Int32($0) }, by: table.names)
    }

    /// The place of the node's name in the order of names.
    func rank(_ node: Int32) -> Int32 { ranks[tableNode(Int(node))] }

    private func allEdges(_ stacks: SampleStacks, _ wanted: WantedEdges) throws(ReportError) -> GraphEdges {
        let everyNode = [Bool](repeating: true, count: table.count)
        let noNode = [Bool](repeating: false, count: table.count)
        let (callers, callees): ([Bool], [Bool])
        switch wanted {
        case .all: (callers, callees) = (everyNode, everyNode)
        case .none: return GraphEdges([], nodeCount: table.count)
        case .inlined:
            let inlined = table.isEverInlined()
            guard inlined.contains(true) else { return GraphEdges([], nodeCount: table.count) }
            (callers, callees) = (noNode, inlined)
        case .around(let matches):
            var matching = noNode
            for node in nodes where matches(printableName(node)) { matching[node] = true }
            (callers, callees) = (matching, matching)
        }
        return GraphEdges(try GraphEdge.all(stacks, callers: callers, callees: callees), nodeCount: table.count)
    }

    private mutating func removeRedundantEdges() {
        var reduced = edges
        reduced.removeRedundant(nodes, inOrder: precedes)
        edges = reduced
    }

    /// How many of the nodes fit: in graphs, labels take the place of up to four nodes each.
    private func selectedCount(_ limit: Int, _ isGraphical: Bool) -> Int {
        guard isGraphical, let tags else { return min(limit, nodes.count) }
        var count = 0
        for (position, node) in nodes.enumerated() {
            count += 1 + min(tags.flatCount(node), NodeTags.shownCount)
            if count >= limit { return position + 1 }
        }
        return nodes.count
    }
}

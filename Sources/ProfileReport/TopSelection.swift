import ProfileModel

/// The functions that a top report shows: trimmed and sorted as by pprof (google/pprof `internal/report`).
struct TopSelection {
    /// The functions to show, in order.
    private(set) var entries: [TopReport.Entry] = []
    /// How many functions were below the fraction of the total that is shown.
    private(set) var droppedCount = 0
    /// How many functions were above it.
    private(set) var candidateCount = 0

    init(_ profile: Profile, valueIndex: Int, options: TopReport.Options) {
        let frames = FrameNames(profile)
        var kept = Array(frames.names.indices)
        var graph = Self.build(profile, frames, valueIndex, keeping: kept)
        let flatSum = graph.weights.reduce(Int64(0)) { $0 &+ $1.flat }
        let nodeCutoff = part(options.nodeFraction, of: flatSum)
        let edgeCutoff = part(options.edgeFraction, of: flatSum)

        var nodes = Self.present(graph)
        if nodeCutoff > 0 {
            let large = nodes.filter { absolute(graph.weights[$0].cumulative) >= nodeCutoff }
            if large.count < nodes.count {
                droppedCount = nodes.count - large.count
                kept = large
                graph = Self.build(profile, frames, valueIndex, keeping: kept)
                nodes = Self.present(graph)
            }
        }
        candidateCount = nodes.count
        Self.sort(&nodes, graph, frames, byCumulative: options.sortsByCumulative)
        if options.nodeCount > 0, options.nodeCount < nodes.count {
            kept = Array(nodes[..<options.nodeCount])
            graph = Self.build(profile, frames, valueIndex, keeping: kept)
            nodes = Self.present(graph)
            Self.sort(&nodes, graph, frames, byCumulative: options.sortsByCumulative)
        }

        // Only calls between what is shown decide the marks, so they are counted last.
        graph = Self.build(profile, frames, valueIndex, keeping: kept, countsCalls: true)
        let inlining = Self.inlining(graph, edgeCutoff: edgeCutoff)
        entries = nodes.map { node in
            let weight = graph.weights[node]
            return TopReport.Entry(
                name: frames.names[node], flat: weight.flat, cumulative: weight.cumulative,
                inlining: inlining[Int32(node)] ?? .never)
        }
    }

    private static func present(_ graph: FunctionGraph) -> [Int] {
        graph.weights.indices.filter { graph.weights[$0].flat != 0 || graph.weights[$0].cumulative != 0 }
    }

    private static func build(
        _ profile: Profile, _ frames: FrameNames, _ valueIndex: Int, keeping nodes: [Int], countsCalls: Bool = false
    ) -> FunctionGraph {
        var kept = [Bool](repeating: false, count: frames.names.count)
        for node in nodes { kept[node] = true }
        return FunctionGraph(profile, frames: frames, valueIndex: valueIndex, kept: kept, countsCalls: countsCalls)
    }

    /// By the value of interest, largest first; then by name; names are distinct, so that the order is complete.
    private static func sort(
        _ nodes: inout [Int], _ graph: FunctionGraph, _ frames: FrameNames, byCumulative: Bool
    ) {
        nodes.sort { left, right in
            let (first, second) = (graph.weights[left], graph.weights[right])
            let leftKey = absolute(byCumulative ? first.cumulative : first.flat)
            let rightKey = absolute(byCumulative ? second.cumulative : second.flat)
            if leftKey != rightKey { return leftKey > rightKey }
            // By bytes, as Go compares strings.
            return frames.names[left].utf8.lexicographicallyPrecedes(frames.names[right].utf8)
        }
    }

    private static func inlining(_ graph: FunctionGraph, edgeCutoff: Int64) -> [Int32: TopReport.Inlining] {
        var result: [Int32: TopReport.Inlining] = [:]
        for call in graph.calls.calls where absolute(call.weight) >= edgeCutoff {
            let this: TopReport.Inlining = call.isInline ? .always : .never
            if let known = result[call.callee], known != this {
                result[call.callee] = .partial
            } else {
                result[call.callee] = this
            }
        }
        return result
    }
}

/// `fraction` of `value`, without sign and rounded down.
func part(_ fraction: Double, of value: Int64) -> Int64 {
    absolute(Int64(exactly: (Double(value) * fraction).rounded(.towardZero)) ?? .max)
}

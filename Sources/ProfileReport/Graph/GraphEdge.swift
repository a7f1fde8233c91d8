/// A call from one node to another, with what was measured below it.
struct GraphEdge {
    var caller: Int32
    var callee: Int32
    /// Whether nodes that are not shown lie between the two, in any of the samples.
    var isResidual: Bool
    /// Whether the callee was inlined each time.
    var isInline: Bool
    var weight: Int64
    /// What `weight` is to be divided by for the mean; 0 if not at all.
    var divisor: Int64 = 0

    /// The sum, or the mean.
    var value: Int64 { divisor == 0 ? weight : quotient(weight, divisor) }
}

extension GraphEdge {
    /// The calls in the samples. O(frames of all samples).
    ///
    /// - Parameters:
    ///   - callers: By node, whether its calls are wanted.
    ///   - callees: By node, whether calls of it are wanted.
    static func all(_ stacks: SampleStacks, callers: [Bool], callees: [Bool]) throws(ReportError) -> [GraphEdge] {
        var counter = EdgeCounter(kept: stacks.kept, isMean: stacks.isMean)
        // Most samples have none of a few functions.
        let isWanted = stacks.locations(where: { $0 >= 0 && (callees[$0] || callers[$0]) })
        try stacks.forEachPart { samples in
            for sample in samples {
                let (value, divisor) = stacks.value(of: sample)
                if value == 0, divisor == 0 { continue }
                if let isWanted, !stacks.hasLocation(sample, where: isWanted) { continue }
                let stamp = Int32(truncatingIfNeeded: sample)
                var caller = -1
                var isResidual = false
                stacks.forEachFrame(of: sample) { node, isInline in
                    if node < 0 {
                        isResidual = true
                        return
                    }
                    if caller >= 0, caller != node, callees[node] || callers[caller] {
                        counter.add(
                            value, divisor, from: caller, to: node, sample: stamp, isResidual: isResidual,
                            isInline: isInline)
                    }
                    caller = node
                    isResidual = false
                }
            }
        }
        return counter.edges
    }
}

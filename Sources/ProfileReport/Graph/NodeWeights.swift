/// What was measured in nodes themselves (flat) and in them and everything that they called (cumulative).
///
/// Sums wrap around instead of trapping: values come from files.
struct NodeWeights {
    /// The sums by node.
    var flat: [Int64]
    var cumulative: [Int64]
    /// What they are to be divided by, for the mean; empty if not at all.
    var flatDivisors: [Int64] = []
    var cumulativeDivisors: [Int64] = []

    /// No values for `count` nodes.
    init(count: Int, isMean: Bool) {
        flat = Array(repeating: 0, count: count)
        cumulative = flat
        if isMean { (flatDivisors, cumulativeDivisors) = (flat, flat) }
    }

    /// The sums over all samples. O(frames of all samples).
    init(_ stacks: SampleStacks, nodeCount: Int, isMean: Bool) throws(ReportError) {
        self.init(count: nodeCount, isMean: isMean)
        // By node, the last sample that counted it: a recursive function counts once per sample.
        var lastSample = [Int32](repeating: -1, count: nodeCount)
        try stacks.forEachPart { samples in
            for sample in samples {
                let (value, divisor) = stacks.value(of: sample)
                if value == 0, divisor == 0 { continue }
                let stamp = Int32(truncatingIfNeeded: sample)
                var leaf = -1
                stacks.forEachFrame(of: sample) { node, _ in
                    leaf = node
                    if lastSample[node] == stamp { return }
                    lastSample[node] = stamp
                    cumulative[node] &+= value
                    if isMean { cumulativeDivisors[node] &+= divisor }
                }
                if leaf < 0 { continue }
                flat[leaf] &+= value
                if isMean { flatDivisors[leaf] &+= divisor }
            }
        }
    }

    /// Adds the values of a node.
    mutating func append(_ node: CallTreeBuilder.Node, isMean: Bool) {
        flat.append(node.flat)
        cumulative.append(node.cumulative)
        if !isMean { return }
        flatDivisors.append(node.flatDivisor)
        cumulativeDivisors.append(node.cumulativeDivisor)
    }

    /// What was measured in the node itself: the sum, or the mean.
    func flatValue(_ node: Int) -> Int64 {
        if flatDivisors.isEmpty || flatDivisors[node] == 0 { return flat[node] }
        return quotient(flat[node], flatDivisors[node])
    }

    /// What was measured in the node and everything it called: the sum, or the mean.
    func cumulativeValue(_ node: Int) -> Int64 {
        if cumulativeDivisors.isEmpty || cumulativeDivisors[node] == 0 { return cumulative[node] }
        return quotient(cumulative[node], cumulativeDivisors[node])
    }

    /// The nodes that a report lists.
    func listed(droppingNegative: Bool) -> [Int] {
        flat.indices.filter { node in
            Self.isListed(flat: flat[node], cumulative: cumulative[node], droppingNegative: droppingNegative)
        }
    }

    /// Whether a report lists a node: those that cost anything, and without `drop_negative` those that saved it.
    static func isListed(flat: Int64, cumulative: Int64, droppingNegative: Bool) -> Bool {
        if flat == 0, cumulative == 0 { return false }
        return !droppingNegative || flat > 0 || flat == 0 && cumulative >= 0
    }
}

/// Adds up the calls between nodes.
///
/// Counting is bound by memory: of a million samples each frame is another random call. Where few nodes are left, there
/// is one place of 16 bytes for each pair of them, and a call costs one access; else a hash table finds its place.
struct EdgeCounter {
    /// What is counted of a call.
    private struct Count {
        var weight: Int64
        /// The last sample that counted the call, which counts once per sample; -1 if there was none.
        var sample: Int32
        var isResidual: Bool
        /// Whether the callee was inlined each time.
        var isInline: Bool
    }

    private var counts: [Count] = []
    /// What weights are to be divided by; empty if not at all.
    private var divisors: [Int64] = []
    private let isMean: Bool

    /// Finds the place of a call; unused where each pair of nodes has one.
    private var pairs = PairTable()
    /// The calls that `pairs` numbered.
    private var ends: [(caller: Int32, callee: Int32)] = []
    /// By node, its rank among `members`; empty if there are too many.
    private var ranks: [Int32] = []
    /// The nodes that take part, if they are few.
    private var members: [Int] = []

    /// The most nodes for which each pair has a place: 64 MB.
    private static let mostMembers = 2048

    /// - Parameter kept: By node, whether it takes part; nil for all.
    init(kept: [Bool]?, isMean: Bool) {
        self.isMean = isMean
        guard let kept else { return }
        let members = kept.indices.filter { kept[$0] }
        if members.count > Self.mostMembers { return }
        self.members = members
        ranks = Array(repeating: 0, count: kept.count)
        for (rank, node) in members.enumerated() { ranks[node] = Int32(truncatingIfNeeded: rank) }
        let pairCount = members.count * members.count
        counts = Array(
            repeating: Count(weight: 0, sample: -1, isResidual: false, isInline: true), count: pairCount)
        if isMean { divisors = Array(repeating: 0, count: pairCount) }
    }

    /// Counts a call in a sample, unless this sample did so before.
    @inline(__always)
    mutating func add(
        _ value: Int64, _ divisor: Int64, from caller: Int, to callee: Int, sample: Int32, isResidual: Bool,
        isInline: Bool
    ) {
        let position: Int
        if ranks.isEmpty {
            let (number, isNew) = pairs.number(caller, callee)
            position = number
            if isNew {
                counts.append(Count(weight: 0, sample: -1, isResidual: false, isInline: true))
                ends.append((Int32(truncatingIfNeeded: caller), Int32(truncatingIfNeeded: callee)))
                if isMean { divisors.append(0) }
            }
        } else {
            position = Int(ranks[caller]) * members.count + Int(ranks[callee])
        }
        if counts[position].sample == sample { return }
        counts[position].sample = sample
        counts[position].weight &+= value
        if isResidual { counts[position].isResidual = true }
        if !isInline { counts[position].isInline = false }
        if isMean { divisors[position] &+= divisor }
    }

    /// The calls that were counted.
    var edges: [GraphEdge] {
        counts.indices.compactMap { position in
            let count = counts[position]
            if count.sample < 0 { return nil }
            let (caller, callee) =
                ranks.isEmpty
                ? ends[position]
                : (
                    Int32(truncatingIfNeeded: members[position / members.count]),
                    Int32(truncatingIfNeeded: members[position % members.count])
                )
            return GraphEdge(
                caller: caller, callee: callee, isResidual: count.isResidual, isInline: count.isInline,
                weight: count.weight, divisor: isMean ? divisors[position] : 0)
        }
    }
}

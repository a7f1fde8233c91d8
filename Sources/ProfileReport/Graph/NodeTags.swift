import Primitives
import ProfileModel

/// What the labels of samples say of the nodes of a graph: which labels the cost of a node came with.
///
/// All text labels of a sample are one tag. Of numbers only those of the key `bytes` count, by the text that they print
/// as, apart for each text tag. Facts: github.com/google/pprof `internal/graph/graph.go` (`addSample`, `joinLabels`) and
/// `internal/report/report.go` (`newGraph`).
struct NodeTags {
    /// How many tags a graph shows of a node.
    static let shownCount = 4

    /// A tag of a node, with what was measured in the samples that have it.
    struct Tag {
        var name: String
        /// The number, and its unit, if the tag is one.
        var value: Int64 = 0
        var unit = ""
        var flat: Int64 = 0
        var flatDivisor: Int64 = 0
        var cumulative: Int64 = 0
        var cumulativeDivisor: Int64 = 0

        /// What was measured in the node itself: the sum, or the mean.
        var flatValue: Int64 { flatDivisor == 0 ? flat : quotient(flat, flatDivisor) }
        /// What was measured in the node and all it called: the sum, or the mean.
        var cumulativeValue: Int64 { cumulativeDivisor == 0 ? cumulative : quotient(cumulative, cumulativeDivisor) }
    }

    /// By node, its text tags.
    private var textTags: [Int: [Tag]] = [:]
    /// By node, its numbers, by the name of the text tag that they came with; empty if they came with none.
    private var numberTags: [Int: [String: [Tag]]] = [:]

    /// The tags of some nodes of a graph. O(frames of all samples), or nothing if there are no labels to show.
    ///
    /// - Parameters:
    ///   - nodes: The nodes whose tags are wanted.
    ///   - cutoff: Tags below this are left out.
    init(
        _ context: ReportContext, _ stacks: SampleStacks, _ nodes: ArraySlice<Int>, nodeCount: Int, cutoff: Int64
    ) throws(ReportError) {
        guard var counter = TagCounter(context, nodes, nodeCount: nodeCount) else { return }
        var lastSample = [Int](repeating: -1, count: nodeCount)
        try stacks.forEachPart { samples in
            for sample in samples {
                let value = stacks.value(of: sample)
                if value == (0, 0) { continue }
                counter.begin(sample)
                var leaf = -1
                stacks.forEachFrame(of: sample) { node, _ in
                    leaf = node
                    if node < 0 || lastSample[node] == sample { return }
                    lastSample[node] = sample
                    counter.add(value, to: node, isFlat: false)
                }
                if leaf >= 0 { counter.add(value, to: leaf, isFlat: true) }
            }
        }
        take(counter, cutoff)
    }

    /// The tags of some nodes of a call tree.
    init(
        _ context: ReportContext, _ tree: CallTree, _ nodes: ArraySlice<Int>, cutoff: Int64, _ stacks: SampleStacks
    ) throws(ReportError) {
        guard var counter = TagCounter(context, nodes, nodeCount: tree.count) else { return }
        let paths = tree.paths(to: nodes, in: stacks)
        try stacks.forEachPart { samples in
            for sample in samples {
                let value = stacks.value(of: sample)
                if value == (0, 0) { continue }
                counter.begin(sample)
                paths.forEachNode(of: sample, in: stacks) { node, isLeaf in
                    counter.add(value, to: node, isFlat: false)
                    if isLeaf { counter.add(value, to: node, isFlat: true) }
                }
            }
        }
        take(counter, cutoff)
    }

    private mutating func take(_ counter: TagCounter, _ cutoff: Int64) {
        func isHeavy(_ tag: Tag) -> Bool { absolute(tag.flat) >= cutoff || absolute(tag.cumulative) >= cutoff }
        for (node, _, tag) in counter.textTags where isHeavy(tag) { textTags[node, default: []].append(tag) }
        for (node, textTag, tag) in counter.numberTags where isHeavy(tag) {
            numberTags[node, default: [:]][textTag, default: []].append(tag)
        }
    }

    /// The text tags of the node, the heaviest first.
    func textTags(of node: Int, byFlat: Bool) -> [Tag] { Self.sorted(textTags[node] ?? [], byFlat: byFlat) }

    /// The numbers that came with a text tag of the node, or with none, the heaviest first.
    func numberTags(of node: Int, with textTag: String, byFlat: Bool) -> [Tag] {
        Self.sorted(numberTags[node]?[textTag] ?? [], byFlat: byFlat)
    }

    /// How many tags of the node have a cost of its own.
    func flatCount(_ node: Int) -> Int {
        let numbers = numberTags[node]?.values.reduce(0) { $0 + $1.count { $0.flat != 0 } } ?? 0
        return (textTags[node]?.count { $0.flat != 0 } ?? 0) + numbers
    }

    /// `tags` by weight, the heaviest first, without sign; then by name.
    static func sorted(_ tags: [Tag], byFlat: Bool) -> [Tag] {
        tags.sorted { left, right in
            let (leftCumulative, rightCumulative) = (absolute(left.cumulative), absolute(right.cumulative))
            if !byFlat, leftCumulative != rightCumulative { return leftCumulative > rightCumulative }
            let (leftFlat, rightFlat) = (absolute(left.flat), absolute(right.flat))
            if leftFlat != rightFlat { return leftFlat > rightFlat }
            return bytesPrecede(left.name, right.name)
        }
    }
}

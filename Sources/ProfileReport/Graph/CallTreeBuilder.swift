import MergedStacks
import ProfileModel

/// Walks the forest of all samples' paths from the roots on, and keeps the nodes of it that matter.
///
/// Samples that share a path stand together in a `StackPartition` while it is walked, so what was measured in a node and below is
/// known when the walk comes there, and nothing has to be kept for it.
struct CallTreeBuilder {
    /// Where a node was met first.
    struct Origin {
        var sample: Int32
        /// How many nodes lie above it.
        var depth: Int32
    }

    /// A node that is kept.
    struct Node {
        var tableNode: Int32
        var origin: Origin
        /// The position of the next node above that is kept; -1 for none.
        var caller: Int32 = -1
        /// Whether it and all that lies between it and its caller is inlined each time.
        var isInline: Bool
        /// Whether something lies between.
        var isResidual: Bool
        /// Whether it is listed and heavy enough.
        var isHeavy = false
        var flat: Int64 = 0
        var cumulative: Int64 = 0
        var flatDivisor: Int64 = 0
        var cumulativeDivisor: Int64 = 0
    }

    /// What lies above a node: the part of it that the nodes below need.
    private struct Above {
        /// How many of `callers` lie above.
        var callerCount = 0
        /// Whether all that lies below the last of these is inlined, and whether anything does.
        var isInline = true
        var isResidual = false
    }

    /// A node on the path at hand that is not light, and so calls those below.
    private struct Caller {
        var node: Node
        /// Its position in `nodes`; -1 as long as nothing there refers to it.
        var position: Int32
    }

    /// The nodes that are kept, each behind its caller.
    private(set) var nodes: [Node] = []
    /// How many nodes are listed.
    private(set) var listedCount = 0
    /// What was measured in these themselves.
    private(set) var flatSum: Int64 = 0

    /// How many nodes of samples are walked until somebody is asked whether to go on.
    private static let partSize = 1 << 14

    private let stacks: SampleStacks
    private let cutoff: Int64
    private let dropsNegative: Bool
    private var partition: StackPartition
    private var callers: [Caller] = []
    /// What is left to walk, innermost last.
    private var pending: [(group: StackPartition.Group, depth: Int, above: Above)] = []

    /// - Parameters:
    ///   - nodeCount: How many nodes the table has.
    ///   - cutoff: The absolute value that makes a node heavy enough.
    ///   - dropsNegative: Whether nodes that saved something are not listed.
    init(_ stacks: SampleStacks, nodeCount: Int, cutoff: Int64, dropsNegative: Bool) {
        self.stacks = stacks
        self.cutoff = cutoff
        self.dropsNegative = dropsNegative
        partition = stacks.partition(nodeCount: nodeCount)
    }

    /// Walks over everything. O(frames of all samples).
    mutating func walk() throws(ReportError) {
        let roots = partition.split(partition.everything).groups
        for group in roots.reversed() { pending.append((group, 0, Above())) }
        var work = 0
        while let (group, depth, above) = pending.popLast() {
            work += group.range.count
            if work > Self.partSize {
                work = 0
                if stacks.isCancelled { throw .cancelled }
            }
            callers.removeSubrange(above.callerCount...)
            if group.range.count == 1 {
                walkRest(group, depth: depth, above)
            } else {
                walk(group, depth: depth, above)
            }
        }
    }

    /// Walks over the node of some samples.
    private mutating func walk(_ group: StackPartition.Group, depth: Int, _ above: Above) {
        var node = node(group, depth: depth)
        let (endedCount, groups) = partition.split(group.range)
        for position in group.range {
            let (value, divisor) = stacks.value(of: partition.sample(at: position))
            node.cumulative &+= value
            node.cumulativeDivisor &+= divisor
            if position - group.range.lowerBound < endedCount {
                node.flat &+= value
                node.flatDivisor &+= divisor
            }
        }
        let below = add(node, above)
        for group in groups.reversed() { pending.append((group, depth + 1, below)) }
    }

    /// Walks over all that is left of the path of one sample.
    private mutating func walkRest(_ group: StackPartition.Group, depth: Int, _ above: Above) {
        let position = group.range.lowerBound
        var left = partition.frameCount(at: position)
        var node = node(group, depth: depth)
        let (value, divisor) = stacks.value(of: Int(node.origin.sample))
        if isListed(flat: value, cumulative: value), !isHeavy(value) {
            // Then so are all of them, and most samples end here.
            listedCount += left + 1
            flatSum &+= value
            return
        }
        (node.cumulative, node.cumulativeDivisor) = (value, divisor)
        var above = above
        while true {
            if left == 0 { (node.flat, node.flatDivisor) = (value, divisor) }
            above = add(node, above)
            if left == 0 { return }
            left -= 1
            (node.tableNode, node.isInline) = partition.nextFrame(at: position)
            node.origin.depth &+= 1
        }
    }

    /// Counts a node, keeps it if it matters, and says what lies above the nodes below.
    private mutating func add(_ new: Node, _ above: Above) -> Above {
        var node = new
        if isListed(flat: node.flat, cumulative: node.cumulative) {
            listedCount += 1
            flatSum &+= node.flat
            node.isHeavy = isHeavy(node.cumulative)
            if !node.isHeavy {
                return Above(
                    callerCount: above.callerCount, isInline: above.isInline && node.isInline, isResidual: true)
            }
        }
        node.isInline = node.isInline && above.isInline
        node.isResidual = above.isResidual
        var position: Int32 = -1
        if node.isHeavy || callers.last?.node.isHeavy == true {
            node.caller = keepLastCaller()
            position = keep(node)
        }
        callers.append(Caller(node: node, position: position))
        return Above(callerCount: callers.count)
    }

    /// Keeps the caller of what comes next, unless it is kept already; its position, or -1 if there is none.
    private mutating func keepLastCaller() -> Int32 {
        guard let last = callers.last else { return -1 }
        if last.position >= 0 { return last.position }
        let position = keep(last.node)
        callers[callers.count - 1].position = position
        return position
    }

    private mutating func keep(_ node: Node) -> Int32 {
        nodes.append(node)
        return Int32(truncatingIfNeeded: nodes.count - 1)
    }

    /// Whether a report lists a node: see `NodeWeights.listed`.
    private func isListed(flat: Int64, cumulative: Int64) -> Bool {
        NodeWeights.isListed(flat: flat, cumulative: cumulative, droppingNegative: dropsNegative)
    }

    private func isHeavy(_ cumulative: Int64) -> Bool { cutoff <= 0 || absolute(cumulative) >= cutoff }

    private func node(_ group: StackPartition.Group, depth: Int) -> Node {
        let sample = Int32(truncatingIfNeeded: partition.sample(at: group.range.lowerBound))
        return Node(
            tableNode: group.frame, origin: Origin(sample: sample, depth: Int32(truncatingIfNeeded: depth)),
            isInline: group.isInlined, isResidual: false)
    }
}

public import ProfileModel

/// The stacks of a profile merged into a tree of calls, as far as it is large enough to be seen.
///
/// Nodes lie in preorder, heavier siblings first. The largest parts come first in line for the room that there is, so
/// that a small profile is whole and a large one loses only its smallest boxes; how many, and how much they weigh, is
/// kept.
public struct CallTree: Sendable {
    /// What a node holds besides its values.
    public struct Node: Sendable {
        /// The position in `FrameTable.frames`; -1 for the root, which stands for the whole profile.
        public var frame: Int32
        /// The number of callers; 0 for the root.
        public var depth: Int32
        /// Whether the frame was inlined into its caller each time.
        public var isInlined: Bool
        /// How many callees were left out, each with all below it.
        public var hiddenCount: Int32
    }

    /// The nodes; the root is the first.
    public private(set) var nodes: [Node] = []
    /// What was measured in each node itself, `columnCount` numbers each.
    public private(set) var selfValues: [Int64] = []
    /// What was measured in the callees of each node that were left out.
    public private(set) var hiddenValues: [Int64] = []
    /// The numbers of a node: one for each sample type; with a base, as many again for the base.
    public let columnCount: Int
    /// Whether samples of a base are counted apart, in the upper half of the columns.
    public let hasBase: Bool

    /// Merges the samples of `profile`, which has to be valid.
    ///
    /// Samples that carry the label `pprof::base`, which a base that is to be compared with puts there, have negated
    /// values; they are counted apart and positively. Sums wrap around. O(frames of the samples that are shown).
    ///
    /// - Parameter nodeLimit: The most nodes to make.
    public init(_ profile: Profile, frames: FrameTable, nodeLimit: Int) {
        let columns = SampleColumns(profile)
        columnCount = columns.count
        hasBase = columns.hasBase
        var builder = CallTreeBuilder(profile, frames: frames, columns: columns)
        builder.grow(nodeLimit: nodeLimit)
        order(builder)
    }

    /// Puts the nodes, which come in the order in which they were made, into preorder.
    private mutating func order(_ builder: CallTreeBuilder) {
        // Children in linked lists; going backwards leaves each list in the order of making, the heaviest first.
        var firstChild = [Int32](repeating: -1, count: builder.nodes.count)
        var nextSibling = firstChild
        for index in builder.nodes.indices.dropFirst().reversed() {
            let parent = Int(builder.nodes[index].parent)
            nextSibling[index] = firstChild[parent]
            firstChild[parent] = Int32(index)
        }
        nodes.reserveCapacity(builder.nodes.count)
        var pending: [Int32] = [0]
        while let index = pending.popLast().map({ Int($0) }) {
            let made = builder.nodes[index]
            nodes.append(
                Node(
                    frame: made.frame, depth: made.depth, isInlined: made.isInlined, hiddenCount: made.hiddenCount))
            selfValues += builder.selfValues[index * columnCount..<(index + 1) * columnCount]
            hiddenValues += builder.hiddenValues[index * columnCount..<(index + 1) * columnCount]
            if nextSibling[index] >= 0 { pending.append(nextSibling[index]) }
            if firstChild[index] >= 0 { pending.append(firstChild[index]) }
        }
    }

    /// The sum over each node and everything below it, as many columns as `selfValues`.
    public var totalValues: [Int64] {
        var totals = selfValues
        for index in totals.indices { totals[index] &+= hiddenValues[index] }
        // Of each depth, the last node seen: the parent of what comes next.
        var parents: [Int] = []
        var parentOf = [Int](repeating: -1, count: nodes.count)
        for index in nodes.indices {
            let depth = Int(nodes[index].depth)
            parents.removeSubrange(min(depth, parents.count)...)
            parentOf[index] = parents.last ?? -1
            parents.append(index)
        }
        for index in nodes.indices.dropFirst().reversed() {
            for column in 0..<columnCount {
                totals[parentOf[index] * columnCount + column] &+= totals[index * columnCount + column]
            }
        }
        return totals
    }
}

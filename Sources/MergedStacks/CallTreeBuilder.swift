import ProfileModel

/// Makes the nodes of a tree of calls, the largest first, until there is no room left.
struct CallTreeBuilder {
    /// A node that was made.
    struct Made {
        var frame: Int32
        var parent: Int32
        var depth: Int32
        var isInlined: Bool
        var hiddenCount: Int32 = 0
    }

    /// A node that may be made.
    private struct Candidate {
        var size: Double
        var group: StackPartition.Group
        var parent: Int32
        var depth: Int32

        /// The larger goes first; among equals the one whose caller was made first, so that results repeat.
        func precedes(_ other: Candidate) -> Bool {
            if size != other.size { return size > other.size }
            if parent != other.parent { return parent < other.parent }
            return group.frame < other.group.frame
        }
    }

    private(set) var nodes: [Made] = []
    private(set) var selfValues: [Int64] = []
    private(set) var hiddenValues: [Int64] = []

    private var partition: StackPartition
    private let columns: SampleColumns
    private let sizes: [Double]
    /// A heap: the first precedes all others.
    private var candidates: [Candidate] = []
    /// What is smaller than this is not even considered: a millionth of the whole is no pixel at any zoom, and
    /// keeping it in line would take memory for each stack of the profile.
    private let smallestSize: Double

    init(_ profile: Profile, frames: FrameTable, columns: SampleColumns) {
        let sizes = profile.samples.indices.map { columns.size(of: $0) }
        self.sizes = sizes
        self.columns = columns
        smallestSize = sizes.reduce(0, +) * 1e-6
        partition = StackPartition(profile.samples, frames: frames) { sizes[$0] > 0 }
    }

    mutating func grow(nodeLimit: Int) {
        let everything = StackPartition.Group(range: partition.everything, frame: -1, isInlined: false)
        make(Candidate(size: .infinity, group: everything, parent: -1, depth: 0))
        while nodes.count < nodeLimit, let next = removeFirst() { make(next) }
        for candidate in candidates { hide(candidate.group, below: Int(candidate.parent)) }
        candidates = []
    }

    private mutating func make(_ candidate: Candidate) {
        let index = Int32(nodes.count)
        let offset = selfValues.count
        nodes.append(
            Made(
                frame: candidate.group.frame, parent: candidate.parent, depth: candidate.depth,
                isInlined: candidate.group.isInlined))
        selfValues.append(contentsOf: repeatElement(0, count: columns.count))
        hiddenValues.append(contentsOf: repeatElement(0, count: columns.count))
        let (endedCount, groups) = partition.split(candidate.group.range)
        for position in candidate.group.range.prefix(endedCount) {
            columns.add(partition.sample(at: position), to: &selfValues, at: offset)
        }
        for group in groups {
            var size = 0.0
            for position in group.range { size += sizes[partition.sample(at: position)] }
            if size < smallestSize {
                hide(group, below: Int(index))
            } else {
                insert(Candidate(size: size, group: group, parent: index, depth: candidate.depth + 1))
            }
        }
    }

    private mutating func hide(_ group: StackPartition.Group, below parent: Int) {
        nodes[parent].hiddenCount += 1
        for position in group.range {
            columns.add(partition.sample(at: position), to: &hiddenValues, at: parent * columns.count)
        }
    }

    // MARK: - The heap

    private mutating func insert(_ candidate: Candidate) {
        candidates.append(candidate)
        var position = candidates.count - 1
        while position > 0 {
            let parent = (position - 1) / 2
            guard candidates[position].precedes(candidates[parent]) else { return }
            candidates.swapAt(position, parent)
            position = parent
        }
    }

    private mutating func removeFirst() -> Candidate? {
        guard let last = candidates.popLast() else { return nil }
        guard let first = candidates.first else { return last }
        candidates[0] = last
        var position = 0
        while true {
            var best = position
            for child in [2 * position + 1, 2 * position + 2] where child < candidates.count {
                if candidates[child].precedes(candidates[best]) { best = child }
            }
            if best == position { return first }
            candidates.swapAt(position, best)
            position = best
        }
    }
}

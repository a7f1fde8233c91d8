/// Counts samples per distinct combination of stack, thread and (when asked for) CPU.
///
/// Memory grows with the number of distinct combinations, not with time. The stacks lie behind one another in blocks, since one
/// large array is there twice while it grows; a hit costs a hash over the stack and a comparison and allocates nothing.
struct StackTable: ~Copyable {
    /// One distinct combination.
    struct Entry {
        /// The part of the hash that finds its slot.
        fileprivate var hash: UInt32
        /// Where the stack is.
        fileprivate var block: UInt32
        fileprivate var start: UInt32
        fileprivate(set) var frameCount: UInt32
        /// The number of the thread's labels, see `ThreadTable`.
        var labels: UInt32
        /// The CPU, or -1 when CPUs are not told apart.
        var cpu: Int32
    }

    /// The combinations in the order of their first appearance.
    private(set) var entries: [Entry] = []
    /// The location numbers of the stacks, leaf first each.
    private var blocks: [[UInt32]] = [[]]
    /// For each entry, `valueCount` values.
    private(set) var values: [Int64] = []
    /// The number of values that each entry carries.
    let valueCount: Int

    private var slots: [UInt32]
    private var mask: Int
    private static let blockCount = 1 << 15

    /// A table whose entries carry `valueCount` values each.
    init(valueCount: Int) {
        self.valueCount = valueCount
        slots = [UInt32](repeating: .max, count: 4096)
        mask = slots.count - 1
    }

    /// Adds `count` and `weight` to the two values from `firstValue` on of the entry for `stack`, `labels` and `cpu`.
    mutating func add(
        _ stack: borrowing LocationList, labels: UInt32, cpu: Int32, firstValue: Int, count: Int64, weight: Int64
    ) {
        let entry = index(of: stack.span, labels: labels, cpu: cpu)
        let base = entry * valueCount + firstValue
        values[base] &+= count
        values[base + 1] &+= weight
    }

    /// The location numbers of the stack of `entry`, leaf first.
    func locations(of entry: Entry) -> ArraySlice<UInt32> {
        blocks[Int(entry.block)][Int(entry.start)..<Int(entry.start) + Int(entry.frameCount)]
    }

    private mutating func index(of stack: Span<UInt32>, labels: UInt32, cpu: Int32) -> Int {
        let hash = Self.hash(stack, labels: labels, cpu: cpu)
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != .max {
            let candidate = Int(slots[slot])
            if matches(entries[candidate], hash: hash, stack: stack, labels: labels, cpu: cpu) { return candidate }
            slot = (slot + 1) & mask
        }
        let index = entries.count
        let block = blockWithRoom(for: stack.count)
        entries.append(
            Entry(
                hash: hash, block: UInt32(block), start: UInt32(blocks[block].count), frameCount: UInt32(stack.count),
                labels: labels, cpu: cpu))
        for position in stack.indices { blocks[block].append(stack[position]) }
        for _ in 0..<valueCount { values.append(0) }
        slots[slot] = UInt32(index)
        if entries.count * 2 > slots.count { grow() }
        return index
    }

    /// The last block, or a new one if `count` more do not fit into it.
    private mutating func blockWithRoom(for count: Int) -> Int {
        let last = blocks.count - 1
        guard blocks[last].count + count > blocks[last].capacity else { return last }
        blocks.append([])
        blocks[last + 1].reserveCapacity(max(count, Self.blockCount))
        return last + 1
    }

    private func matches(_ entry: Entry, hash: UInt32, stack: Span<UInt32>, labels: UInt32, cpu: Int32) -> Bool {
        guard entry.hash == hash, entry.labels == labels, entry.cpu == cpu, Int(entry.frameCount) == stack.count else {
            return false
        }
        let known = blocks[Int(entry.block)]
        let start = Int(entry.start)
        for position in stack.indices where known[start + position] != stack[position] { return false }
        return true
    }

    private mutating func grow() {
        slots = [UInt32](repeating: .max, count: slots.count * 2)
        mask = slots.count - 1
        for (index, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & mask
            while slots[slot] != .max { slot = (slot + 1) & mask }
            slots[slot] = UInt32(index)
        }
    }

    private static func hash(_ stack: Span<UInt32>, labels: UInt32, cpu: Int32) -> UInt32 {
        var hash = UInt64(labels) << 32 | UInt64(UInt32(bitPattern: cpu))
        for position in stack.indices {
            hash = (hash ^ UInt64(stack[position])) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 32
        }
        return UInt32(truncatingIfNeeded: hash)
    }
}

/// From the kernel's event numbers to ours; open addressing, because every sample asks.
struct IdentifierTable {
    struct Entry {
        var identifier: UInt64
        var eventIndex: Int32
        /// The thread that the event was opened on; -1 for CPU-wide events.
        var thread: Int32
    }

    private var slots: [Entry] = Array(repeating: IdentifierTable.empty, count: 16)
    private var shift: UInt64 = 60
    private(set) var count = 0

    private static let empty = Entry(identifier: 0, eventIndex: 0, thread: 0)

    /// The kernel counts event numbers from 1, so that 0 marks a free slot.
    mutating func insert(_ entry: Entry) {
        guard entry.identifier != 0 else { return }
        if (count + 1) * 2 > slots.count {
            let old = slots
            slots = Array(repeating: IdentifierTable.empty, count: old.count * 2)
            shift -= 1
            count = 0
            for entry in old where entry.identifier != 0 { insert(entry) }
        }
        var index = start(entry.identifier)
        while slots[index].identifier != 0, slots[index].identifier != entry.identifier {
            index = (index + 1) & (slots.count - 1)
        }
        if slots[index].identifier == 0 { count += 1 }
        slots[index] = entry
    }

    /// The entry of `identifier`; nil if it was not inserted.
    func find(_ identifier: UInt64) -> Entry? {
        guard identifier != 0 else { return nil }
        var index = start(identifier)
        while slots[index].identifier != identifier {
            if slots[index].identifier == 0 { return nil }
            index = (index + 1) & (slots.count - 1)
        }
        return slots[index]
    }

    private func start(_ identifier: UInt64) -> Int {
        Int((identifier &* 0x9e37_79b9_7f4a_7c15) >> shift)
    }
}

/// Maps process or thread ids to small indices: what a sample looks up instead of a dictionary.
///
/// Open addressing with linear probing; ids are never removed, an id that the kernel uses again is given its new index.
struct IDTable: ~Copyable {
    private struct Slot {
        var id: Int32
        var index: Int32
    }

    private var slots = [Slot](repeating: Slot(id: 0, index: -1), count: 256)
    private var count = 0

    /// The index of `id`; nil if it was never set. O(1).
    subscript(id: Int32) -> Int? {
        var slot = Self.hash(id) & (slots.count - 1)
        while slots[slot].index >= 0 {
            if slots[slot].id == id { return Int(slots[slot].index) }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Lets `id` stand for `index` from now on.
    mutating func set(_ id: Int32, to index: Int) {
        var slot = Self.hash(id) & (slots.count - 1)
        while slots[slot].index >= 0, slots[slot].id != id { slot = (slot + 1) & (slots.count - 1) }
        if slots[slot].index < 0 { count += 1 }
        slots[slot] = Slot(id: id, index: Int32(truncatingIfNeeded: index))
        if count * 2 > slots.count { grow() }
    }

    private mutating func grow() {
        let old = slots
        slots = [Slot](repeating: Slot(id: 0, index: -1), count: old.count * 2)
        for entry in old where entry.index >= 0 {
            var slot = Self.hash(entry.id) & (slots.count - 1)
            while slots[slot].index >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = entry
        }
    }

    private static func hash(_ id: Int32) -> Int {
        Int(truncatingIfNeeded: (UInt64(UInt32(bitPattern: id)) &* 0x9e37_79b9_7f4a_7c15) >> 40)
    }
}

/// Gives each distinct code position a small number, the order of their first appearance.
///
/// Open addressing over arrays: a hit costs a hash and a comparison and allocates nothing.
struct LocationTable: ~Copyable {
    /// The positions; the index is the location's number.
    private(set) var positions: [CodePosition] = []
    private var slots: [UInt32]
    private var mask: Int

    init() {
        slots = [UInt32](repeating: .max, count: 4096)
        mask = slots.count - 1
    }

    /// The number of `position`, a new one if it was not seen before. Amortized O(1).
    mutating func number(of position: CodePosition) -> UInt32 {
        var slot = Self.hash(position) & mask
        while slots[slot] != .max {
            if positions[Int(slots[slot])] == position { return slots[slot] }
            slot = (slot + 1) & mask
        }
        let number = UInt32(positions.count)
        positions.append(position)
        slots[slot] = number
        if positions.count * 2 > slots.count { grow() }
        return number
    }

    private mutating func grow() {
        slots = [UInt32](repeating: .max, count: slots.count * 2)
        mask = slots.count - 1
        for (number, position) in positions.enumerated() {
            var slot = Self.hash(position) & mask
            while slots[slot] != .max { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number)
        }
    }

    private static func hash(_ position: CodePosition) -> Int {
        var mixed = position.position &* 0x9e37_79b9_7f4a_7c15
        mixed ^= UInt64(position.source.rawValue) &* 0xc2b2_ae3d_27d4_eb4f
        mixed &+= UInt64(position.jitSlice) << 1 | (position.isGuessed ? 1 : 0)
        mixed ^= mixed >> 29
        return Int(truncatingIfNeeded: (mixed &* 0xbf58_476d_1ce4_e5b9) >> 17)
    }
}

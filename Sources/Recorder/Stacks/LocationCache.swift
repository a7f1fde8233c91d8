/// Remembers which location number a process address became, so that a known frame costs one comparison.
///
/// Direct-mapped: two addresses that share a slot displace one another, which costs time and never a wrong answer.
struct LocationCache: ~Copyable {
    private struct Slot {
        var address: UInt64
        /// Which address space, and which state of it; see `AddressSpace.generation`.
        var space: UInt64
        var location: UInt32
    }

    private static let slotCount = 16_384
    private var slots = [Slot](repeating: Slot(address: 0, space: .max, location: 0), count: slotCount)

    /// The location number of `address`, if it is known for this state of the address space.
    func location(of address: UInt64, in space: UInt64) -> UInt32? {
        let slot = slots[Self.index(address)]
        return slot.address == address && slot.space == space ? slot.location : nil
    }

    /// Remembers the location number of `address`.
    mutating func remember(_ location: UInt32, of address: UInt64, in space: UInt64) {
        slots[Self.index(address)] = Slot(address: address, space: space, location: location)
    }

    private static func index(_ address: UInt64) -> Int {
        Int(truncatingIfNeeded: (address &* 0x9e37_79b9_7f4a_7c15) >> 50)
    }
}

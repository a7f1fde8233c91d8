/// The rules of the addresses met last: 8192 slots, each for one address of one process.
///
/// Raw memory, since a class or an array would cost reference counting and exclusivity checks in the innermost loop.
@safe
struct RuleCache: ~Copyable {
    private struct Entry {
        var address: UInt64
        var space: UInt64
        var rule: UInt64
    }

    /// More slots gained nothing in measurements.
    private static let slotBits: UInt64 = 13
    // Owned; all slots are initialized.
    private let entries: UnsafeMutablePointer<Entry>

    init() {
        let count = 1 << Int(Self.slotBits)
        unsafe entries = .allocate(capacity: count)
        unsafe entries.initialize(repeating: Entry(address: 0, space: .max, rule: 0), count: count)
    }

    deinit {
        unsafe entries.deallocate()
    }

    @inline(__always)
    func rule(for address: UInt64, space: UInt64) -> UnwindRule? {
        let slot = Self.slot(address, space)
        // The slot number has 13 bits.
        guard unsafe entries[slot].address == address, unsafe entries[slot].space == space else { return nil }
        return unsafe UnwindRule(bits: entries[slot].rule)
    }

    @inline(__always)
    func insert(_ rule: UnwindRule, for address: UInt64, space: UInt64) {
        unsafe entries[Self.slot(address, space)] = Entry(address: address, space: space, rule: rule.bits)
    }

    @inline(__always)
    private static func slot(_ address: UInt64, _ space: UInt64) -> Int {
        Int(truncatingIfNeeded: ((address ^ ((space >> 32) << 17)) &* 0x9e37_79b9_7f4a_7c15) >> (64 &- slotBits))
    }
}

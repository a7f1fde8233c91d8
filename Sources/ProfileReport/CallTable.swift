/// The calls between functions with what was measured below them, found by open addressing: a lookup takes 10 ns where a
/// `Dictionary` takes 60 to 80.
struct CallTable {
    /// A call from one node to another.
    struct Call {
        var caller: Int32
        var callee: Int32
        /// The last sample that counted the call: it counts once per sample.
        var sample: Int
        var weight: Int64
        /// Whether the callee was inlined each time.
        var isInline: Bool
    }

    /// The calls, in the order in which they were first seen.
    private(set) var calls: [Call] = []

    /// Positions in `calls` plus 1, or 0; the size is a power of two and at least twice the number of calls.
    private var slots = [Int32](repeating: 0, count: 64)

    /// Counts `value` for the call, unless this sample did so before.
    @inline(__always)
    mutating func add(_ value: Int64, from caller: Int, to callee: Int, sample: Int, isInline: Bool) {
        let (from, to) = (Int32(truncatingIfNeeded: caller), Int32(truncatingIfNeeded: callee))
        var slot = Self.hash(from, to) & (slots.count - 1)
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if calls[index].caller == from, calls[index].callee == to {
                if calls[index].sample == sample { return }
                calls[index].sample = sample
                calls[index].weight &+= value
                if !isInline { calls[index].isInline = false }
                return
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        calls.append(Call(caller: from, callee: to, sample: sample, weight: value, isInline: isInline))
        slots[slot] = Int32(calls.count)
        if calls.count * 2 > slots.count { grow() }
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 4)
        for (index, call) in calls.enumerated() {
            var slot = Self.hash(call.caller, call.callee) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(index + 1)
        }
    }

    private static func hash(_ caller: Int32, _ callee: Int32) -> Int {
        let key = UInt64(UInt32(bitPattern: caller)) << 32 | UInt64(UInt32(bitPattern: callee))
        // Multiplication by the golden ratio spreads all bits into the upper half.
        return Int((key &* 0x9e37_79b9_7f4a_7c15) >> 32)
    }
}

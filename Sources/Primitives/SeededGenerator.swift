/// Random numbers that are the same in each run: for statistics whose results are to repeat, made-up profiles and tests.
///
/// SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The series that belongs to `seed`.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// From 0 up to but without 1.
    public mutating func nextFraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// From 0 up to but without `limit`, which is at least 1.
    public mutating func below(_ limit: Int) -> Int {
        Int(next() % UInt64(limit))
    }

    /// One of `elements`, of which there has to be one.
    public mutating func element<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }
}

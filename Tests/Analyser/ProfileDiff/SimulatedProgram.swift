import Primitives
import ProfileModel

/// A program of which it is known how often it is on which stack.
struct SimulatedProgram {
    var stacks: [String]
    /// By stack, how likely a sample meets it; they sum up to 1.
    var shares: [Double]

    /// Some thirty stacks over a dozen functions that call each other, from frequent to rare.
    static func typical() -> SimulatedProgram {
        var stacks: [String] = []
        for (index, middle) in ["parse", "render", "store", "parse;lex", "render;layout"].enumerated() {
            for leaf in ["alloc", "copy", "hash", "compare", "alloc;lock"].dropFirst(index % 2) {
                stacks.append("main;loop;\(middle);\(leaf)")
            }
            stacks.append("main;loop;\(middle)")
        }
        let weights = stacks.indices.map { 1 / Double($0 + 2) }
        let sum = weights.reduce(0, +)
        return SimulatedProgram(stacks: stacks, shares: weights.map { $0 / sum })
    }

    /// The same program with one stack's share grown by `growth`, at the cost of all.
    func growing(_ stack: Int, by growth: Double) -> SimulatedProgram {
        var grown = self
        grown.shares[stack] += growth
        grown.shares = grown.shares.map { $0 / (1 + growth) }
        return grown
    }

    /// A recording of it.
    func record(
        samples: Int, nanosecondsPerSample: Int64 = 10_000_000, _ random: inout SeededGenerator
    ) -> Profile {
        var counts = [Int64](repeating: 0, count: stacks.count)
        for _ in 0..<samples {
            var target = Double(random.next() >> 11) * 0x1p-53
            var stack = 0
            while stack < shares.count - 1, target >= shares[stack] {
                target -= shares[stack]
                stack += 1
            }
            counts[stack] += 1
        }
        return StackFixture.profile(Array(zip(stacks, counts)), nanosecondsPerSample: nanosecondsPerSample)
    }
}

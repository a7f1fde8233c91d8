import Glibc

/// Draws how many of n things fall to one side when each does so with the same probability.
struct BinomialDraw {
    private let probability: Double
    /// For each small n, the cumulative distribution of 0, 1, … n, behind each other.
    private let tables: [Double]
    private static let largestTable = 64

    init(probability: Double) {
        self.probability = probability
        var tables: [Double] = []
        let odds = probability / (1 - probability)
        for count in 0...Self.largestTable {
            var term = pow(1 - probability, Double(count))
            var sum = 0.0
            for hit in 0...count {
                sum += term
                tables.append(sum)
                term *= odds * Double(count - hit) / Double(hit + 1)
            }
        }
        self.tables = tables
    }

    /// A number from 0 to `count`. Exact up to 64; beyond, the normal distribution is taken, rounded.
    mutating func draw(_ count: Int64, _ random: inout RepeatableRandom) -> Int64 {
        if count == 1 { return random.nextFraction() < probability ? 1 : 0 }
        guard count <= Int64(Self.largestTable) else { return drawLarge(count, &random) }
        let first = Int(count) * (Int(count) + 1) / 2
        let target = random.nextFraction()
        var (low, high) = (0, Int(count))
        while low < high {
            let middle = (low + high) / 2
            if tables[first + middle] > target { high = middle } else { low = middle + 1 }
        }
        return Int64(low)
    }

    private func drawLarge(_ count: Int64, _ random: inout RepeatableRandom) -> Int64 {
        // Box and Muller; 1 - fraction is never 0.
        let radius = (-2 * log(1 - random.nextFraction())).squareRoot()
        let normal = radius * cos(2 * .pi * random.nextFraction())
        let mean = Double(count) * probability
        let drawn = (mean + normal * (mean * (1 - probability)).squareRoot()).rounded()
        return Int64(min(max(drawn, 0), Double(count)))
    }
}

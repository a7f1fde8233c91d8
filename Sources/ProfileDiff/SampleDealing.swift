import Glibc
import Primitives

/// Deals a number of samples out to two sides, of which one gets an exact number in the end; who asks goes through the
/// rows and is told how many samples of each fall to that side: the multivariate hypergeometric distribution.
struct SampleDealing {
    /// How many samples the side still gets, and how many are still to be dealt to both.
    private var wanted: Int64
    private var left: Int64

    /// - Parameters:
    ///   - wanted: How many samples the side gets.
    ///   - total: How many there are, all rows together.
    init(wanted: Int64, of total: Int64) {
        self.wanted = wanted
        left = total
    }

    /// How many of the next `count` samples the side gets. Exact where that is no more than some hundred draws; beyond,
    /// the normal distribution of the same mean and variance is taken, rounded.
    mutating func deal(_ count: Int64, _ random: inout SeededGenerator) -> Int64 {
        let dealt = isLarge(count) ? dealLarge(count, &random) : dealEach(count, &random)
        wanted -= dealt
        left -= count
        return dealt
    }

    private var share: Double { left > 0 ? Double(wanted) / Double(left) : 0 }

    private func isLarge(_ count: Int64) -> Bool {
        count > 16 && (Double(count) * share * (1 - share) > 9 || count > 512)
    }

    private func dealEach(_ count: Int64, _ random: inout SeededGenerator) -> Int64 {
        var (wanted, left) = (wanted, left)
        for _ in 0..<count where left > 0 {
            if random.nextFraction() * Double(left) < Double(wanted) { wanted -= 1 }
            left -= 1
        }
        return self.wanted - wanted
    }

    private func dealLarge(_ count: Int64, _ random: inout SeededGenerator) -> Int64 {
        // Box and Muller; 1 - fraction is never 0.
        let radius = (-2 * log(1 - random.nextFraction())).squareRoot()
        let normal = radius * cos(2 * .pi * random.nextFraction())
        let mean = Double(count) * share
        let rest = left > 1 ? Double(left - count) / Double(left - 1) : 0
        let dealt = (mean + normal * (mean * (1 - share) * rest).squareRoot()).rounded()
        // The limits are integers: as `Double` they might round up, past what there is.
        let (least, most) = (max(0, wanted - (left - count)), min(count, wanted))
        return min(max(Int64(exactly: dealt) ?? least, least), most)
    }
}

/// Sums over the samples that have something in common, such as a function, before and after.
///
/// A share is the sum of such samples' values by the sum of all. With samples drawn independently, its variance is
/// Σ c·v²·(x − p)² / (Σ v)², where a row has c samples of the value v each, and x is 1 for rows that belong and else 0:
/// the linearized variance of a ratio. Where all samples have the same value, that is p·(1 − p) / n, the binomial's.
struct ShareSums {
    /// The sum of the values.
    var before = 0.0
    var after = 0.0
    /// Σ c·v².
    var squaresBefore = 0.0
    var squaresAfter = 0.0
    /// The number of samples, of both.
    var count: Int64 = 0
    /// The number of rows, of both.
    var rowCount = 0

    /// What a row adds to the sums.
    struct Weight {
        let value: Double
        let square: Double
        let samples: Int64
        let isAfter: Bool

        init(value: Double, samples: Int64, isAfter: Bool) {
            self.value = value
            square = value * value / Double(samples)
            self.samples = samples
            self.isAfter = isAfter
        }
    }

    /// Adds a row.
    @inline(__always)
    mutating func add(_ row: Weight) {
        if row.isAfter {
            after += row.value
            squaresAfter += row.square
        } else {
            before += row.value
            squaresBefore += row.square
        }
        count &+= row.samples
        rowCount += 1
    }
}

/// What shares and their errors are computed from: the sums over everything.
struct ShareTotals {
    /// The sums over all rows.
    let all: ShareSums
    let sampleCountBefore: Double
    let sampleCountAfter: Double
    /// How much samples on the same stack may differ in what they weigh (`WeightSpread`): whatever their stack, such
    /// weights make the variance of each share this much larger than what the sums show.
    let hiddenVariance: Double
    /// By how much variances exceed those of independent samples.
    let overdispersion: Double

    /// How many times as large variances are as the sums by themselves show.
    var inflation: Double { overdispersion * (1 + hiddenVariance) }

    func shareBefore(_ sums: ShareSums) -> Double { all.before == 0 ? 0 : sums.before / all.before }

    func shareAfter(_ sums: ShareSums) -> Double { all.after == 0 ? 0 : sums.after / all.after }

    /// The standard error of the change of a share, from what each profile shows by itself.
    func errorOfChange(_ sums: ShareSums) -> Double {
        let before = Self.variance(
            share: shareBefore(sums), squares: sums.squaresBefore, allSquares: all.squaresBefore, total: all.before)
        let after = Self.variance(
            share: shareAfter(sums), squares: sums.squaresAfter, allSquares: all.squaresAfter, total: all.after)
        return ((before + after) * inflation).squareRoot()
    }

    /// The standard error of the change of a share if nothing changed: from both profiles as one. As the sums show it,
    /// which is what dealing samples out makes; real changes have `inflation` times the variance.
    func errorWithoutChange(_ sums: ShareSums) -> Double {
        let total = all.before + all.after
        guard total > 0, sampleCountBefore > 0, sampleCountAfter > 0 else { return 0 }
        let pooled = Self.variance(
            share: (sums.before + sums.after) / total, squares: sums.squaresBefore + sums.squaresAfter,
            allSquares: all.squaresBefore + all.squaresAfter, total: total)
        // That is the variance of a share among as many samples as both have together.
        let samples = sampleCountBefore + sampleCountAfter
        return (pooled * samples * (1 / sampleCountBefore + 1 / sampleCountAfter)).squareRoot()
    }

    private static func variance(share: Double, squares: Double, allSquares: Double, total: Double) -> Double {
        guard total > 0 else { return 0 }
        return max(0, squares * (1 - 2 * share) + allSquares * share * share) / (total * total)
    }
}

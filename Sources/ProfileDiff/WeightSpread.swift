import Glibc

/// How much the samples of a profile differ in what they weigh, as far as its rows show.
///
/// A row holds the sum of what its samples weigh: how they differ among themselves is lost. Where weights differ by chance,
/// the means of rows differ too: Σ c·(m − 1)² over R rows of c samples with the mean weight m, the mean of all being 1, is
/// on average R − 1 times the variance of a weight (the analysis of variance within and between groups, for example
/// H. Scheffé, "The Analysis of Variance", 1959, chapter 3). Where weights also differ from stack to stack it is more.
struct WeightSpread {
    /// Beyond this variance of weights, in squares of their mean, errors are not stated: what the rows show of weights that
    /// differ so much hangs on few of them.
    static let most = 0.25

    /// What a value may be off by for being an integer: one unit, in mean weights of a sample. Nothing where units are
    /// so coarse that this would hide real differences.
    private let slack: Double
    private var squares = 0.0
    private var rowCount = 0
    private var hidesWeights = false

    /// - Parameter weightOfUnit: What a value of 1 weighs.
    init(weightOfUnit: Double) {
        slack = weightOfUnit <= 0.05 ? weightOfUnit : 0
    }

    /// Adds a row of `count` samples that weigh `weight` together.
    mutating func add(weight: Double, count: Int64) {
        let deviation = max(0, (weight - Double(count)).magnitude - slack) / Double(count)
        squares += Double(count) * deviation * deviation
        rowCount += 1
        hidesWeights = hidesWeights || count > 1
    }

    /// What the variance of weights is at most, with a certainty of 95 %, in squares of their mean; 0 where each row is one
    /// sample, so that all weights are known.
    var hiddenVariance: Double {
        guard hidesWeights, squares > Double(rowCount) * Self.rounding else { return 0 }
        return rowCount > 1 ? squares / Self.lowQuantile(degreesOfFreedom: Double(rowCount - 1)) : .infinity
    }

    /// Squares of what calculating with `Double` makes of weights that are all the same.
    private static let rounding = 1e-18

    /// What χ² of so many degrees of freedom is below in 5 of 100 cases, or less.
    /// (E. B. Wilson and M. M. Hilferty, "The distribution of chi-square", 1931.)
    private static func lowQuantile(degreesOfFreedom: Double) -> Double {
        let variance = 2 / (9 * degreesOfFreedom)
        let root = 1 - variance - 1.644854 * variance.squareRoot()
        return degreesOfFreedom * root * root * root
    }
}

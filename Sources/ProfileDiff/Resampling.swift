import Primitives

/// How large changes become by chance alone: the samples of both profiles are thrown together and dealt out again, as
/// many times as asked for, as if nothing had changed.
///
/// A column is a set of rows whose share is compared, such as the rows of one function. Functions on the same stacks
/// change together; dealing out whole stacks keeps that, which a correction of the level for the number of functions
/// (Bonferroni, Benjamini–Hochberg) would ignore and pay for in sensitivity. The largest change over all columns, in
/// standard errors, is what single changes are held against (P. Westfall and S. Young, "Resampling-based multiple
/// testing", 1993, the single-step maxT procedure): where nothing changed, 95 of 100 comparisons then mark nothing.
struct Resampling {
    /// By column, the share of dealings whose change was larger than the real one, with half of those as large.
    private(set) var ownProbability: [Double]
    /// By column, the same of the largest change of the family in each dealing.
    private(set) var familyProbability: [Double]

    /// Deals `problem` as often as it says.
    init(_ problem: DealingProblem, totals: ShareTotals) {
        let errors = problem.sums.map { totals.errorWithoutChange($0) }
        let observed = problem.sums.indices.map { column in
            Self.deviation(
                totals.shareAfter(problem.sums[column]) - totals.shareBefore(problem.sums[column]), errors[column],
                totals.inflation)
        }
        // Twice the number of dealings that changed a column more, and once those that changed it as much.
        var own = [Int](repeating: 0, count: errors.count)
        var largest: [Double] = []
        var random = SeededGenerator(seed: 0x5072_6f66_696c_6573)
        let shareAfter = totals.sampleCountAfter / (totals.sampleCountBefore + totals.sampleCountAfter)
        // Fewer samples scatter more.
        let scale = problem.keptShare.squareRoot()
        for _ in 0..<problem.dealings {
            let changes = problem.deal(shareAfter: shareAfter, &random)
            var most = 0.0
            for column in errors.indices {
                let deviation = Self.deviation(changes[column] * scale, errors[column], 1)
                own[column] += Self.rank(deviation, observed[column])
                if column < problem.familyCount, deviation > most { most = deviation }
            }
            largest.append(most)
        }
        largest.sort()
        // The real one is one of the dealings that could have been, and as large as itself.
        let count = Double(2 * (problem.dealings + 1))
        ownProbability = own.map { Double($0 + 1) / count }
        familyProbability = observed.map { observed in
            let equal = largest.partitioningIndex { Self.rank($0, observed) >= 1 }
            let larger = largest.partitioningIndex { Self.rank($0, observed) == 2 }
            return Double(2 * largest.count - equal - larger + 1) / count
        }
    }

    /// 2 if a dealing changed more than was observed, 1 if as much. Small counts have few outcomes, so that many
    /// dealings are as large as the real one: counted in full, they would make the level smaller than it is said to be.
    /// (H. O. Lancaster, "Significance tests in discrete distributions", 1961: the mid-p value.)
    private static func rank(_ deviation: Double, _ observed: Double) -> Int {
        deviation > observed + 1e-9 ? 2 : deviation >= observed - 1e-9 ? 1 : 0
    }

    /// A change in standard errors, without sign.
    private static func deviation(_ change: Double, _ error: Double, _ inflation: Double) -> Double {
        error > 0 ? change.magnitude / (error * inflation.squareRoot()) : 0
    }
}

extension [Double] {
    /// The first position whose element satisfies `condition`, which all behind it do too. O(log n).
    fileprivate func partitioningIndex(where condition: (Double) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

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

    /// A row: samples on the same stack.
    struct Row {
        var value: Double
        var samples: Int64
        /// The offset behind the row's last column in `columnsOfRows`.
        var end: Int
    }

    /// The rows and columns to deal with.
    struct Problem {
        var rows: [Row] = []
        /// The columns that each row belongs to.
        var columnsOfRows: [Int32] = []
        /// By column, the sums over its rows.
        var sums: [ShareSums] = []
        /// By column, whether it is one of those that are looked through for changes.
        var isFamily: [Bool] = []
    }

    /// - Parameters:
    ///   - dealings: How many times; 1 999 make the level exact to a tenth.
    ///   - work: The most additions to make, roughly; beyond, fewer dealings of fewer rows are made.
    init(_ problem: Problem, totals: ShareTotals, dealings: Int, work: Int) {
        let errors = problem.sums.map { totals.errorWithoutChange($0) }
        let observed = problem.sums.indices.map { column in
            Self.deviation(
                totals.shareAfter(problem.sums[column]) - totals.shareBefore(problem.sums[column]), errors[column],
                totals.overdispersion)
        }
        let plan = Plan(problem, dealings: dealings, work: work)
        // Twice the number of dealings that changed a column more, and once those that changed it as much.
        var own = [Int](repeating: 0, count: errors.count)
        var largest: [Double] = []
        var random = RepeatableRandom(seed: 0x5072_6f66_696c_6573)
        let shareAfter = totals.sampleCountAfter / (totals.sampleCountBefore + totals.sampleCountAfter)
        // Fewer samples scatter more.
        let scale = plan.keptShare.squareRoot()
        for _ in 0..<plan.dealings {
            let changes = plan.deal(columns: errors.count, shareAfter: shareAfter, &random)
            var most = 0.0
            for column in errors.indices {
                let deviation = Self.deviation(changes[column] * scale, errors[column], 1)
                own[column] += Self.rank(deviation, observed[column])
                if problem.isFamily[column], deviation > most { most = deviation }
            }
            largest.append(most)
        }
        largest.sort()
        // The real one is one of the dealings that could have been, and as large as itself.
        let count = Double(2 * (plan.dealings + 1))
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
    private static func deviation(_ change: Double, _ error: Double, _ overdispersion: Double) -> Double {
        error > 0 ? change.magnitude / (error * overdispersion.squareRoot()) : 0
    }
}

/// What to deal out, and how often, within the work that is allowed.
private struct Plan {
    let dealings: Int
    /// The part of all samples that takes part.
    let keptShare: Double
    private let rows: [Resampling.Row]
    private let columnsOfRows: [Int32]
    private let total: Double
    private let samples: Int64
    private let sums: [Double]

    init(_ problem: Resampling.Problem, dealings: Int, work: Int) {
        // A row's samples are dealt one by one where they are few.
        let draws = problem.rows.reduce(0) { $0 + Int(min($1.samples, 64)) }
        let step = max(1, draws + problem.columnsOfRows.count)
        // At least 399 dealings keep the level exact; what then is too much work is done on every n-th row.
        let possible = max(min(dealings, 399), min(dealings, work / step))
        self.dealings = possible
        let stride = max(1, step * possible / max(1, work))
        var rows: [Resampling.Row] = []
        var columns: [Int32] = []
        var sums = [Double](repeating: 0, count: problem.sums.count)
        var total = 0.0
        var (kept, all): (Int64, Int64) = (0, 0)
        var start = 0
        for (number, row) in problem.rows.enumerated() {
            defer { start = row.end }
            all &+= row.samples
            guard number % stride == 0 else { continue }
            kept &+= row.samples
            total += row.value
            for position in start..<row.end {
                columns.append(problem.columnsOfRows[position])
                sums[Int(problem.columnsOfRows[position])] += row.value
            }
            rows.append(Resampling.Row(value: row.value, samples: row.samples, end: columns.count))
        }
        self.rows = rows
        columnsOfRows = columns
        self.sums = sums
        self.total = total
        samples = kept
        keptShare = all > 0 ? Double(kept) / Double(all) : 1
    }

    /// The change of each column's share in one dealing.
    func deal(columns: Int, shareAfter: Double, _ random: inout RepeatableRandom) -> [Double] {
        var dealing = SampleDealing(wanted: Int64((Double(samples) * shareAfter).rounded()), of: samples)
        var after = [Double](repeating: 0, count: columns)
        var totalAfter = 0.0
        var start = 0
        for row in rows {
            defer { start = row.end }
            let drawn = dealing.deal(row.samples, &random)
            if drawn == 0 { continue }
            let value = row.value * Double(drawn) / Double(row.samples)
            totalAfter += value
            for position in start..<row.end { after[Int(columnsOfRows[position])] += value }
        }
        let totalBefore = total - totalAfter
        guard totalAfter > 0, totalBefore > 0 else { return Array(repeating: 0, count: columns) }
        for column in after.indices {
            after[column] = after[column] / totalAfter - (sums[column] - after[column]) / totalBefore
        }
        return after
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

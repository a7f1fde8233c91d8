import Primitives

/// What is dealt out and how often, within the work that is allowed: rows, which are samples on the same stack, with the
/// columns that each belongs to.
///
/// Where all rows would be too much work, only every n-th is here: a profile of a million stacks would take 160 bytes for
/// each otherwise.
struct DealingProblem {
    private struct Row {
        var value: Double
        var samples: Int64
        /// The offset behind the row's last column in `columnsOfRows`.
        var end: Int
    }

    /// By column, the sums over all rows, also those that are not dealt.
    let sums: [ShareSums]
    /// The first columns are those that are looked through for changes.
    let familyCount: Int
    /// How often to deal.
    let dealings: Int
    /// The number of rows that are dealt.
    var rowCount: Int { rows.count }
    /// The part of all samples that is dealt.
    var keptShare: Double { allSamples > 0 ? Double(samples) / Double(allSamples) : 1 }

    private let stride: Int
    private var rows: [Row] = []
    private var columnsOfRows: [Int32] = []
    private var seenCount = 0
    private var (samples, allSamples): (Int64, Int64) = (0, 0)
    private var total = 0.0
    /// By column, the sum over the rows that are dealt.
    private var keptSums: [Double]

    /// - Parameters:
    ///   - dealings: How many times to deal; 1 999 make the level exact to a tenth.
    ///   - work: The most additions to make, roughly; beyond, fewer dealings of fewer rows are made.
    ///   - drawCount: The random numbers that a dealing of all rows takes.
    init(sums: [ShareSums], familyCount: Int, dealings: Int, work: Int, drawCount: Int) {
        self.sums = sums
        self.familyCount = familyCount
        let step = max(1, drawCount + sums.reduce(0) { $0 + $1.rowCount })
        // At least 399 dealings keep the level exact; what then is too much work is done on every n-th row.
        self.dealings = max(min(dealings, 399), min(dealings, work / step))
        stride = max(1, step * self.dealings / max(1, work))
        keptSums = Array(repeating: 0, count: sums.count)
    }

    /// Whether the next row, of so many samples, is one of those that are dealt; then its columns and its end follow.
    mutating func takes(samples count: Int64) -> Bool {
        allSamples &+= count
        seenCount += 1
        return (seenCount - 1) % stride == 0
    }

    /// Puts the row that is being made into `column`.
    mutating func put(column: Int32) {
        columnsOfRows.append(column)
    }

    /// Ends the row that is being made.
    mutating func endRow(value: Double, samples count: Int64) {
        for position in (rows.last?.end ?? 0)..<columnsOfRows.count { keptSums[Int(columnsOfRows[position])] += value }
        rows.append(Row(value: value, samples: count, end: columnsOfRows.count))
        samples &+= count
        total += value
    }

    /// The change of each column's share in one dealing.
    ///
    /// - Parameter shareAfter: The part of all samples that the second side gets.
    func deal(shareAfter: Double, _ random: inout SeededGenerator) -> [Double] {
        // Two profiles have 2^54 samples at most (`SampleCounting.most`), so that this is exact to one sample.
        let wanted = Int64(exactly: (Double(samples) * shareAfter).rounded()) ?? samples
        var dealing = SampleDealing(wanted: min(max(0, wanted), samples), of: samples)
        var after = [Double](repeating: 0, count: sums.count)
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
        guard totalAfter > 0, totalBefore > 0 else { return Array(repeating: 0, count: sums.count) }
        for column in after.indices {
            after[column] = after[column] / totalAfter - (keptSums[column] - after[column]) / totalBefore
        }
        return after
    }
}

internal import RegularExpressions

/// The shares of all functions and conditions, with their errors.
struct ShareTable {
    typealias Change = ProfileComparison.Change

    /// What a condition's functions come to together.
    struct ConditionResult {
        var change: Change
        var functionCount: Int
    }

    /// By function.
    private(set) var flat: [Change] = []
    private(set) var cum: [Change] = []
    /// By condition.
    private(set) var conditions: [ConditionResult] = []
    private(set) var spread: Double?
    let hasStatistics: Bool

    /// The sums by function, then by condition.
    private struct Sums {
        var flat: [ShareSums]
        var cum: [ShareSums]
        var conditions: [ShareSums]
        var all = ShareSums()
        /// A random number for each row, added up: functions on the very same rows get the same.
        var flatMarks: [UInt64]
        var cumMarks: [UInt64]
    }

    init(
        _ sides: [SampledStacks], names: [String], conditions: [FailCondition], options: ProfileComparison.Options
    ) {
        let matches = conditions.map { condition in names.map { condition.expression.matches($0) } }
        let members = conditions.indices.map { ConditionRows(conditions[$0], matches: matches[$0]) }
        let sums = Self.addUp(sides, functionCount: names.count, members)
        hasStatistics = sides.allSatisfy { $0.sampleCount != nil && $0.total > 0 }
        let totals = ShareTotals(
            all: sums.all, sampleCountBefore: Double(sides[0].sampleCount ?? 0),
            sampleCountAfter: Double(sides[1].sampleCount ?? 0), overdispersion: options.overdispersion)
        func change(_ sums: ShareSums) -> Change {
            Change(
                before: totals.shareBefore(sums), after: totals.shareAfter(sums),
                error: hasStatistics ? 1.959964 * totals.errorOfChange(sums) : nil)
        }
        flat = sums.flat.map(change)
        cum = sums.cum.map(change)
        self.conditions = conditions.indices.map { index in
            ConditionResult(
                change: change(sums.conditions[index]), functionCount: matches[index].count { $0 })
        }
        if hasStatistics { judge(sides, sums, members, totals, options) }
    }

    private static func addUp(
        _ sides: [SampledStacks], functionCount: Int, _ conditions: [ConditionRows]
    ) -> Sums {
        let none = [ShareSums](repeating: ShareSums(), count: functionCount)
        let marks = [UInt64](repeating: 0, count: functionCount)
        var sums = Sums(
            flat: none, cum: none, conditions: Array(repeating: ShareSums(), count: conditions.count), flatMarks: marks,
            cumMarks: marks)
        var random = RepeatableRandom(seed: 1)
        for (side, stacks) in sides.enumerated() {
            for row in stacks.values.indices {
                let (value, count, mark) = (stacks.values[row], stacks.counts[row], random.next())
                sums.all.add(value: value, samples: count, isAfter: side == 1)
                for function in stacks.functions(of: row) {
                    sums.cum[Int(function)].add(value: value, samples: count, isAfter: side == 1)
                    sums.cumMarks[Int(function)] &+= mark
                }
                let leaf = Int(stacks.leaves[row])
                if leaf >= 0 {
                    sums.flat[leaf].add(value: value, samples: count, isAfter: side == 1)
                    sums.flatMarks[leaf] &+= mark
                }
                for (index, condition) in conditions.enumerated() where condition.holds(row, of: stacks) {
                    sums.conditions[index].add(value: value, samples: count, isAfter: side == 1)
                }
            }
        }
        return sums
    }

    /// Tells chance from change.
    private mutating func judge(
        _ sides: [SampledStacks], _ sums: Sums, _ conditions: [ConditionRows], _ totals: ShareTotals,
        _ options: ProfileComparison.Options
    ) {
        var columns = ColumnTable(totals)
        let flatColumns = flat.indices.map { columns.column(sums.flat[$0], mark: sums.flatMarks[$0]) }
        let cumColumns = cum.indices.map { columns.column(sums.cum[$0], mark: sums.cumMarks[$0]) }
        let familyCount = columns.sums.count
        var problem = Resampling.Problem()
        problem.sums = columns.sums + sums.conditions
        problem.isFamily = problem.sums.indices.map { $0 < familyCount }
        var lastRow = [Int](repeating: -1, count: familyCount)
        for stacks in sides {
            for row in stacks.values.indices {
                let number = problem.rows.count
                func put(_ column: Int32) {
                    guard column >= 0, lastRow[Int(column)] != number else { return }
                    lastRow[Int(column)] = number
                    problem.columnsOfRows.append(column)
                }
                for function in stacks.functions(of: row) { put(cumColumns[Int(function)]) }
                if stacks.leaves[row] >= 0 { put(flatColumns[Int(stacks.leaves[row])]) }
                for (index, condition) in conditions.enumerated() where condition.holds(row, of: stacks) {
                    problem.columnsOfRows.append(Int32(familyCount + index))
                }
                problem.rows.append(
                    Resampling.Row(
                        value: stacks.values[row], samples: stacks.counts[row], end: problem.columnsOfRows.count))
            }
        }
        let resampling = Resampling(problem, totals: totals, dealings: options.dealings, work: options.work)
        func judge(_ change: inout Change, column: Int32) {
            // What is in no column has too few samples to stand out, or is in all of them.
            change.probability = column < 0 ? 1 : resampling.ownProbability[Int(column)]
            change.familyProbability = column < 0 ? 1 : resampling.familyProbability[Int(column)]
            change.isSignificant = (change.familyProbability ?? 1) <= options.level
        }
        for index in flat.indices { judge(&flat[index], column: flatColumns[index]) }
        for index in cum.indices { judge(&cum[index], column: cumColumns[index]) }
        for index in conditions.indices {
            let probability = resampling.ownProbability[familyCount + index]
            self.conditions[index].change.probability = probability
            self.conditions[index].change.isSignificant = probability <= options.level
        }
        let deviations = columns.sums.map { sums in
            (totals.shareAfter(sums) - totals.shareBefore(sums)) / totals.errorWithoutChange(sums)
        }
        if !deviations.isEmpty { spread = deviations.reduce(0) { $0 + $1 * $1 } / Double(deviations.count) }
    }
}

/// Which rows a condition is about.
private struct ConditionRows {
    private let isFlat: Bool
    private let matches: [Bool]

    init(_ condition: FailCondition, matches: [Bool]) {
        isFlat = condition.measure.isFlat
        self.matches = matches
    }

    func holds(_ row: Int, of stacks: SampledStacks) -> Bool {
        if isFlat { return stacks.leaves[row] >= 0 && matches[Int(stacks.leaves[row])] }
        return stacks.functions(of: row).contains { matches[Int($0)] }
    }
}

/// The distinct columns of a comparison: functions that are on the very same rows are one.
private struct ColumnTable {
    private(set) var sums: [ShareSums] = []
    private var known: [UInt64: Int32] = [:]
    private let totals: ShareTotals

    init(_ totals: ShareTotals) {
        self.totals = totals
    }

    /// The column of these sums; -1 if no outcome could ever stand out.
    mutating func column(_ sums: ShareSums, mark: UInt64) -> Int32 {
        let ratio = totals.sampleCountBefore / totals.sampleCountAfter
        // With all of its samples on one side, the change is this many standard errors; below 1.96 not even a single
        // test would be passed, so leaving it out leaves the level of the whole as it is.
        let largest = (Double(sums.count) * max(ratio, 1 / ratio)).squareRoot()
        let total = totals.all.before + totals.all.after
        guard largest >= 1.96, sums.before + sums.after < total * (1 - 1e-12) else { return -1 }
        guard totals.errorWithoutChange(sums) > 0 else { return -1 }
        if let column = known[mark] { return column }
        self.sums.append(sums)
        known[mark] = Int32(self.sums.count - 1)
        return Int32(self.sums.count - 1)
    }
}

import Primitives

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
    let errorsMissing: MissingErrors?

    /// What is added up of a function: one line of the processor's caches.
    private struct FunctionSums {
        var sums = ShareSums()
        /// A random number for each row, added up: functions on the very same rows get the same.
        var mark: UInt64 = 0
        /// The last row that the function was met in: a recursive one counts once.
        var lastRow = -1
    }

    /// The sums by function, then by condition.
    private struct Sums {
        var flat: [FunctionSums]
        var cum: [FunctionSums]
        var conditions: [ShareSums]
        var all = ShareSums()
    }

    init(
        _ sides: [SampledStacks], names: [String], conditions: [FailCondition], options: ProfileComparison.Options
    ) {
        let matches = conditions.map { condition in names.map { condition.expression.matches($0) } }
        let members = conditions.indices.map { ConditionRows(conditions[$0], matches: matches[$0]) }
        let sums = Self.addUp(sides, functionCount: names.count, members)
        let errorsMissing = sides[0].errorsMissing ?? sides[1].errorsMissing
        self.errorsMissing = errorsMissing
        let totals = ShareTotals(
            all: sums.all, sampleCountBefore: Double(sides[0].sampleCount ?? 0),
            sampleCountAfter: Double(sides[1].sampleCount ?? 0),
            hiddenVariance: max(sides[0].hiddenVariance, sides[1].hiddenVariance),
            overdispersion: options.overdispersion)
        func change(_ sums: ShareSums) -> Change {
            Change(
                before: totals.shareBefore(sums), after: totals.shareAfter(sums),
                error: errorsMissing == nil ? 1.959964 * totals.errorOfChange(sums) : nil)
        }
        flat = sums.flat.map { change($0.sums) }
        cum = sums.cum.map { change($0.sums) }
        self.conditions = conditions.indices.map { index in
            ConditionResult(
                change: change(sums.conditions[index]), functionCount: matches[index].count { $0 })
        }
        if errorsMissing == nil { judge(sides, sums, members, totals, options) }
    }

    private static func addUp(
        _ sides: [SampledStacks], functionCount: Int, _ conditions: [ConditionRows]
    ) -> Sums {
        var flat = [FunctionSums](repeating: FunctionSums(), count: functionCount)
        var cum = flat
        var conditionSums = [ShareSums](repeating: ShareSums(), count: conditions.count)
        var all = ShareSums()
        var random = SeededGenerator(seed: 1)
        var rowCount = 0
        for (side, stacks) in sides.enumerated() {
            let isAfter = side == 1
            stacks.forEachRow { row, value, count in
                let mark = random.next()
                let weight = ShareSums.Weight(value: value, samples: count, isAfter: isAfter)
                all.add(weight)
                stacks.forEachFrame(of: row) { function in
                    if cum[function].lastRow == rowCount { return }
                    cum[function].lastRow = rowCount
                    cum[function].sums.add(weight)
                    cum[function].mark &+= mark
                }
                if let leaf = stacks.leaf(of: row) {
                    flat[leaf].sums.add(weight)
                    flat[leaf].mark &+= mark
                }
                for index in conditions.indices where conditions[index].holds(row, of: stacks) {
                    conditionSums[index].add(weight)
                }
                rowCount += 1
            }
        }
        return Sums(flat: flat, cum: cum, conditions: conditionSums, all: all)
    }

    /// Tells chance from change.
    private mutating func judge(
        _ sides: [SampledStacks], _ sums: Sums, _ conditions: [ConditionRows], _ totals: ShareTotals,
        _ options: ProfileComparison.Options
    ) {
        var columns = ColumnTable(totals)
        let flatColumns = flat.indices.map { columns.column(sums.flat[$0].sums, mark: sums.flat[$0].mark) }
        let cumColumns = cum.indices.map { columns.column(sums.cum[$0].sums, mark: sums.cum[$0].mark) }
        let familyCount = columns.sums.count
        var problem = DealingProblem(
            sums: columns.sums + sums.conditions, familyCount: familyCount, dealings: options.dealings,
            work: options.work, drawCount: Self.drawCount(sides))
        var lastRow = [Int](repeating: -1, count: familyCount)
        for stacks in sides {
            stacks.forEachRow { row, value, count in
                guard problem.takes(samples: count) else { return }
                let number = problem.rowCount
                func put(_ column: Int32) {
                    guard column >= 0, lastRow[Int(column)] != number else { return }
                    lastRow[Int(column)] = number
                    problem.put(column: column)
                }
                stacks.forEachFrame(of: row) { put(cumColumns[$0]) }
                if let leaf = stacks.leaf(of: row) { put(flatColumns[leaf]) }
                for index in conditions.indices where conditions[index].holds(row, of: stacks) {
                    problem.put(column: Int32(familyCount + index))
                }
                problem.endRow(value: value, samples: count)
            }
        }
        let resampling = Resampling(problem, totals: totals)
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
        guard !deviations.isEmpty else { return }
        spread = deviations.reduce(0) { $0 + $1 * $1 } / Double(deviations.count) / (1 + totals.hiddenVariance)
    }

    /// How many random numbers a dealing of all samples takes, about: rows of few samples are dealt sample by sample.
    private static func drawCount(_ sides: [SampledStacks]) -> Int {
        var draws = 0
        for stacks in sides { stacks.forEachRow { _, _, count in draws += Int(min(count, 64)) } }
        return draws
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
        if isFlat { return stacks.leaf(of: row).map { matches[$0] } ?? false }
        var holds = false
        stacks.forEachFrame(of: row) { holds = holds || matches[$0] }
        return holds
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

public import ProfileModel

/// Two profiles side by side, by function: what part of each a function has, how that changed, and whether chance alone
/// could have done it.
///
/// Shares are compared, not sums: a longer recording of the same program shows no change. The statistics are described
/// in `docs/statistics.md`.
public struct ProfileComparison: Sendable {
    /// How to compare.
    public struct Options: Sendable {
        /// The chance to mark anything at all in two profiles of the same program.
        public var level = 0.05
        /// By how much the variance of a share exceeds that of independent samples: how a program differs from run to
        /// run beyond what sampling makes of it. 1 if runs are alike.
        public var overdispersion = 1.0
        /// How often chance is tried.
        public var dealings = 1999
        /// How many additions that may take, about; a billion take a few seconds.
        public var work = 400_000_000

        /// The defaults.
        public init() {}
    }

    /// A share, before and after; parts of 1.
    public struct Change: Sendable {
        public var before: Double
        public var after: Double
        /// Half of the interval that holds the true change in 95 of 100 cases; nil if the number of samples is unknown.
        public var error: Double?
        /// How likely chance alone changes this share by as much.
        public var probability: Double?
        /// How likely chance alone changes any share of the comparison by as much, in standard errors.
        public var familyProbability: Double?
        /// Whether that is below the level.
        public var isSignificant = false

        /// The change itself.
        public var difference: Double { after - before }
    }

    /// A function.
    public struct Entry: Sendable {
        public var name: String
        /// The share of the function itself.
        public var flat: Change
        /// The share of it and everything that it called.
        public var cum: Change

        /// The second profile has it, the first does not.
        public var isNew: Bool { cum.before == 0 && cum.after != 0 }
        /// The first profile has it, the second does not.
        public var isGone: Bool { cum.after == 0 && cum.before != 0 }
    }

    /// What a condition comes to.
    public struct Finding: Sendable {
        public var condition: FailCondition
        /// The share of the second profile, or how it changed, for growth.
        public var value: Double
        /// The change of the share.
        public var change: Change
        /// Whether the limit is passed.
        public var isPassed: Bool
        /// Whether chance alone would pass as much in more than 5 of 100 cases; then the condition does not fail.
        public var isNoise: Bool
        /// Whether nobody can tell: it is a growth, which has to be more than chance, and errors are not known.
        public var isUndecided: Bool
        /// How many functions match.
        public var functionCount: Int

        /// Whether the comparison fails.
        public var fails: Bool { isPassed && !isNoise && !isUndecided }
    }

    /// One side of the comparison.
    public struct Side: Sendable {
        /// The sum of the values.
        public var total: Double
        /// The number of samples; nil if the profile does not say.
        public var sampleCount: Int64?
    }

    public let before: Side
    public let after: Side
    /// The functions of both profiles.
    public private(set) var entries: [Entry] = []
    /// What the conditions come to, in their order.
    public private(set) var findings: [Finding] = []
    /// Why there are no errors of the shares, and no judgement; nil if there are.
    public let errorsMissing: MissingErrors?
    /// The mean square of all changes in standard errors: about 1 if nothing changed but by chance.
    public private(set) var spread: Double?

    /// Compares `before` with `after`. O(frames of all samples), and `options.work`.
    public init(
        before: SampledStacks, after: SampledStacks, conditions: [FailCondition] = [], options: Options = Options()
    ) {
        self.before = Side(total: before.total, sampleCount: before.sampleCount)
        self.after = Side(total: after.total, sampleCount: after.sampleCount)
        let functions = JointFunctions(before: before.names, after: after.names)
        let sides = zip([before, after], functions.numbers).map { $0.renumbered($1) }
        let table = ShareTable(sides, names: functions.names, conditions: conditions, options: options)
        errorsMissing = table.errorsMissing
        spread = table.spread
        entries = functions.names.indices.map { number in
            Entry(name: functions.names[number], flat: table.flat[number], cum: table.cum[number])
        }
        findings = conditions.indices.map { Self.finding(conditions[$0], table.conditions[$0], options) }
    }

    private static func finding(
        _ condition: FailCondition, _ result: ShareTable.ConditionResult, _ options: Options
    ) -> Finding {
        let value = condition.measure.isGrowth ? result.change.difference : result.change.after
        let isPassed = condition.holds(value)
        let probability = condition.measure.isGrowth ? result.change.probability : 0
        return Finding(
            condition: condition, value: value, change: result.change, isPassed: isPassed,
            isNoise: (probability ?? 0) > options.level, isUndecided: isPassed && probability == nil,
            functionCount: result.functionCount)
    }
}

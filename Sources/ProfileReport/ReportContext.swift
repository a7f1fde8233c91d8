public import Primitives
public import ProfileModel

/// What every report over a profile needs to know: which values count, what they sum up to, and how they are written.
///
/// The order of the steps before it is pprof's (reference: github.com/google/pprof `internal/driver/driver.go`,
/// `generateRawReport`): label frames are added (`tagroot`, `tagleaf`), `SampleValues` chosen and its total taken, then
/// the filters are applied and the context is made of what is left. With `relative_percentages` the filters come first,
/// and `total` is left out.
///
///     let values = try SampleValues(profile, options)
///     let total = options.relativePercentages ? nil : values.total(of: profile)
///     let context = try ReportContext(filtered, kind: .top, options: options, total: total)
///     print(TopReport(context).render(), terminator: "")
public struct ReportContext: Sendable {
    /// The profile after the filters. Names of functions are taken as they are.
    public let profile: Profile
    /// What is to be shown.
    public let kind: ReportKind
    /// The user's options with the defaults and overrides of `kind`.
    public let options: ReportOptions
    /// Which value of each sample counts.
    public let values: SampleValues
    /// What percentages are of.
    public let total: Int64
    /// The units of numeric labels by key; a key that is missing is its own unit.
    public let numericLabelUnits: [String: String]
    /// Whether reports are still wanted; else they throw `ReportError.cancelled`.
    public let cancellation: Cancellation
    /// What reports on `profile` keep for each other.
    let graphs: GraphCache

    /// What the reports of `kind` on `profile` share. O(samples) if `total` is nil, else O(1).
    ///
    /// - Parameters:
    ///   - profile: The profile, which has to be valid.
    ///   - kind: What is to be shown; sets some options.
    ///   - options: What the user wants.
    ///   - total: What percentages are of; nil for the sum over `profile`.
    ///   - numericLabelUnits: The units of numeric labels by key, over the profile before the filters.
    ///   - graphs: What was kept by other reports on the very same profile.
    ///   - cancellation: Whether reports are still wanted.
    public init(
        _ profile: Profile, kind: ReportKind, options: ReportOptions = ReportOptions(), total: Int64? = nil,
        numericLabelUnits: [String: String] = [:], graphs: GraphCache = GraphCache(),
        cancellation: Cancellation = .never
    ) throws(ReportError) {
        values = try SampleValues(profile, options)
        guard options.divideBy != 0 else { throw .zeroDivisor }
        self.profile = profile
        self.kind = kind
        self.options = kind.resolve(options)
        self.total = total ?? values.total(of: profile)
        self.numericLabelUnits = numericLabelUnits
        self.graphs = graphs
        self.cancellation = cancellation
    }

    /// The granularity at which entries are told apart.
    public var granularity: ReportOptions.Granularity { options.granularity ?? .functions }

    /// `value` as it is printed in `unit`: of options.unit, or what `outputUnit` chose.
    public func format(_ value: Int64, in unit: String) -> String {
        Measurement.label(scaled(value), from: values.unit, to: unit)
    }

    /// `value` divided by `divide_by`, without its fraction.
    public func scaled(_ value: Int64) -> Int64 {
        let ratio = 1 / options.divideBy
        return ratio > 0 && ratio != 1 ? truncated(Double(value) * ratio) : value
    }

    /// The unit for all values of a report, if the user left that to us: the one in which the smallest is still at least
    /// 1, or a hundred times larger where the total asks for larger units.
    ///
    /// - Parameter smallest: The smallest value that is shown, without sign, other than 0; 0 if there is none; nil if
    ///   there are no entries at all.
    public func outputUnit(smallest: Int64?) -> String {
        guard options.unit == "minimum", let smallest else { return options.unit }
        let minimum = scaled(smallest == 0 ? total : smallest)
        let maximum = scaled(total)
        let smallUnit = Measurement.scale(minimum, from: values.unit, to: "minimum").unit
        let largeUnit = Measurement.scale(maximum, from: values.unit, to: "minimum").unit
        var chosen = smallUnit
        // Callgrind's numbers are whole ones.
        if smallUnit != largeUnit, minimum &* 100 < maximum, kind != .callgrind {
            chosen = Measurement.scale(minimum &* 100, from: values.unit, to: "minimum").unit
        }
        return chosen.isEmpty ? values.unit : chosen
    }

    /// The part of the total below which things are left out, as the headers state it.
    func cutoff(_ fraction: Double) -> Int64 { absolute(truncated(Double(total) * fraction)) }

    /// The last part of the main program's path, which titles graphs and pages; empty if it is not known.
    public var title: String {
        guard let program = profile.mappings.first, !program.filename.isEmpty else { return "" }
        return baseName(profile.string(program.filename))
    }
}

/// What a user may set about a report: pprof's options, with pprof's defaults.
///
/// Facts: github.com/google/pprof `internal/driver/config.go` and `commands.go`.
public struct ReportOptions: Sendable, Equatable {
    /// The order of entries.
    public enum Order: String, Sendable, CaseIterable {
        case flat
        case cum
    }

    /// What makes an entry.
    public enum Granularity: String, Sendable, CaseIterable {
        case functions
        case fileFunctions = "filefunctions"
        case files
        case lines
        case addresses
    }

    // MARK: - What is counted

    /// The sample type to show: its position or name; empty for the profile's default.
    public var sampleIndex = ""
    /// Show values divided by the sample's first value.
    public var mean = false
    /// Divide every value by this.
    public var divideBy = 1.0
    /// Scale the profile to the total of the base that is subtracted from it.
    public var normalize = false
    /// Make percentages of what the filters leave instead of the whole profile.
    public var relativePercentages = false
    /// `minimum` for one unit for all values, `auto` for each its own, or a unit.
    public var unit = "minimum"

    // MARK: - Which samples and frames count

    /// Regular expressions on frames; empty for none.
    public var focus = ""
    public var ignore = ""
    public var hide = ""
    public var show = ""
    public var showFrom = ""
    public var pruneFrom = ""
    /// Expressions on labels; empty for none.
    public var tagFocus = ""
    public var tagIgnore = ""
    public var tagShow = ""
    public var tagHide = ""
    /// Label keys, separated by commas, whose values become frames at the root or the leaf.
    public var tagRoot = ""
    public var tagLeaf = ""

    // MARK: - What makes an entry

    /// Nil for the report's own default.
    public var granularity: Granularity?
    /// Keep only the outermost function of each location.
    public var noInlines = false
    /// Tell columns of a line apart.
    public var showColumns = false
    /// A node for each call path, in graphs and callgrind.
    public var callTree = false

    // MARK: - How much is shown, and in which order

    /// The order of entries.
    public var sort = Order.flat
    /// Leave out what is small at all.
    public var trim = true
    /// The most entries; 0 for all, -1 for the report's own default.
    public var nodeCount = -1
    /// Entries below this part of the total are left out.
    public var nodeFraction = 0.005
    /// Calls below this part of the total are left out.
    public var edgeFraction = 0.001
    /// Leave out entries with negative values.
    public var dropNegative = false

    // MARK: - How it looks

    /// Leave the lines about the profile out of text reports.
    public var compactLabels = false
    /// Where to look for sources: folders, separated by colons.
    public var sourcePath = ""
    /// What to take off the paths of sources: prefixes, separated by colons.
    public var trimPath = ""
    /// Disassemble in Intel's syntax.
    public var intelSyntax = false
    /// The file to write to; empty for standard output.
    public var output = ""

    /// pprof's defaults.
    public init() {}
}

import ArgumentParser
import PprofCommands
import ProfileReport

/// The options that all reports have: pprof's, by its names.
struct ReportOptionGroup: ParsableArguments {
    @Option(
        name: [.customShort("n"), .long], help: ArgumentHelp("The most entries to show; 0 is all.", valueName: "count"))
    var nodecount: Int?

    @Flag(help: "Order by flat, what an entry used itself (the default), or by cum, that and all it called.")
    var order: OrderFlag?

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The file to write the report to.", valueName: "file"),
        completion: .file())
    var output = ""

    @Option(help: ArgumentHelp("The values to show: a name or position of the sample types.", valueName: "type"))
    var sampleIndex = ""

    @Option(help: ArgumentHelp("The unit of values: minimum, auto, or a name such as ms.", valueName: "unit"))
    var unit = "minimum"

    @Option(help: ArgumentHelp("Only samples with a frame that matches.", valueName: "regex"))
    var focus = ""

    @Option(help: ArgumentHelp("No samples with a frame that matches.", valueName: "regex"))
    var ignore = ""

    @Option(help: ArgumentHelp("Leave out frames that match.", valueName: "regex"))
    var hide = ""

    @Option(help: ArgumentHelp("Leave out frames that do not match.", valueName: "regex"))
    var show = ""

    @Option(help: ArgumentHelp("Leave out the callers of the outermost match.", valueName: "regex"))
    var showFrom = ""

    @Option(help: ArgumentHelp("Leave out what frames that match call.", valueName: "regex"))
    var pruneFrom = ""

    @Option(help: ArgumentHelp("Only samples with a label that matches: key=regex, 1kb:2kb.", valueName: "filter"))
    var tagfocus = ""

    @Option(help: ArgumentHelp("No samples with a label that matches.", valueName: "filter"))
    var tagignore = ""

    @Option(help: ArgumentHelp("Leave out labels whose keys do not match.", valueName: "regex"))
    var tagshow = ""

    @Option(help: ArgumentHelp("Leave out labels whose keys match.", valueName: "regex"))
    var taghide = ""

    @Option(help: ArgumentHelp("Labels whose values become callers of everything.", valueName: "keys"))
    var tagroot = ""

    @Option(help: ArgumentHelp("Labels whose values become callees of everything.", valueName: "keys"))
    var tagleaf = ""

    @Flag(help: "What makes an entry.")
    var granularity: GranularityFlag?

    @Flag(help: "Count inlined functions as the function that they are inlined in.")
    var noinlines = false

    @Flag(help: "Tell the columns of a line apart.")
    var showcolumns = false

    @Option(help: ArgumentHelp("Leave out entries below this part of the total.", valueName: "part"))
    var nodefraction = 0.005

    @Option(help: ArgumentHelp("Leave out calls below this part of the total.", valueName: "part"))
    var edgefraction = 0.001

    @Flag(inversion: .prefixedNo, help: "Leave out what is small or beyond the most entries.")
    var trim = true

    @Flag(help: "Leave out entries with negative values.")
    var dropNegative = false

    @Flag(help: "Percentages of what the filters leave instead of the whole profile.")
    var relativePercentages = false

    @Flag(help: "A tree of calls in place of a graph.")
    var callTree = false

    @Flag(help: "Values divided by the first value of their sample.")
    var mean = false

    @Option(help: ArgumentHelp("Divide all values by this.", valueName: "number"))
    var divideBy = 1.0

    @Flag(help: "No lines about the profile above the report.")
    var compactLabels = false

    @Option(help: ArgumentHelp("Folders to look for sources in, separated by colons.", valueName: "path"))
    var sourcePath = ""

    @Option(help: ArgumentHelp("What to cut off the paths of sources, separated by colons.", valueName: "path"))
    var trimPath = ""

    @Flag(help: "Machine code in Intel's syntax.")
    var intelSyntax = false

    /// The options as reports take them.
    var options: ReportOptions {
        var options = ReportOptions()
        options.nodeCount = nodecount ?? -1
        options.sort = order == .cum ? .cum : .flat
        options.output = output == "-" ? "" : output
        options.sampleIndex = sampleIndex
        options.unit = unit
        options.focus = focus
        options.ignore = ignore
        options.hide = hide
        options.show = show
        options.showFrom = showFrom
        options.pruneFrom = pruneFrom
        options.tagFocus = tagfocus
        options.tagIgnore = tagignore
        options.tagShow = tagshow
        options.tagHide = taghide
        options.tagRoot = tagroot
        options.tagLeaf = tagleaf
        options.granularity = granularity.flatMap { ReportOptions.Granularity(rawValue: $0.rawValue) }
        options.noInlines = noinlines
        options.showColumns = showcolumns
        options.nodeFraction = nodefraction
        options.edgeFraction = edgefraction
        options.trim = trim
        options.dropNegative = dropNegative
        options.relativePercentages = relativePercentages
        options.callTree = callTree
        options.mean = mean
        options.divideBy = divideBy
        options.compactLabels = compactLabels
        options.sourcePath = sourcePath
        options.trimPath = trimPath
        options.intelSyntax = intelSyntax
        return options
    }

    func validate() throws {
        if let nodecount, nodecount < -1 { throw ValidationError("-n takes a number of entries, or 0 for all.") }
    }
}

/// The order of entries, each as a flag.
enum OrderFlag: String, EnumerableFlag {
    case flat, cum
}

/// What makes an entry, each as a flag.
enum GranularityFlag: String, EnumerableFlag {
    case functions, filefunctions, files, lines, addresses

    static func help(for value: GranularityFlag) -> ArgumentHelp? {
        switch value {
        case .functions: "An entry for each function (the default)."
        case .filefunctions: "An entry for each function of each file."
        case .files: "An entry for each source file."
        case .lines: "An entry for each source line."
        case .addresses: "An entry for each address."
        }
    }
}

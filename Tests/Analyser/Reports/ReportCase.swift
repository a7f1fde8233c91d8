import Primitives
import ProfileModel
import ProfileReport
import ProfileTransform
import RegularExpressions

/// A report with its options, for pprof and for us.
struct ReportCase: CustomStringConvertible {
    var kind: ReportKind
    /// What `peek` shows.
    var expression: String?
    var options = ReportOptions()
    /// How the base is taken off the profile first, if it is.
    var baseMode: Profile.BaseMode?
    var isNormalized = false
    /// pprof's arguments for the same, without the base's file.
    var arguments: [String] = []

    var description: String { arguments.joined(separator: " ") }

    /// pprof's arguments with the file of the base.
    func arguments(base: String) -> [String] {
        switch baseMode {
        case .subtract: arguments + ["-base=" + base]
        case .compare: arguments + ["-diff_base=" + base]
        case nil: arguments
        }
    }

    /// What we print, after the steps that pprof takes before a report, in its order.
    func render(_ loaded: Profile, base: Profile? = nil) throws -> String {
        var profile = loaded
        if let baseMode, let base {
            profile = try profile.relative(to: base, mode: baseMode, isNormalized: isNormalized)
        }
        profile.finishNames()
        profile.removeUninterestingFrames()
        let units = NumericLabelUnits(profile).units
        try profile.addLabelFrames(
            roots: options.tagRoot.split(separator: ",").map(String.init),
            leaves: options.tagLeaf.split(separator: ",").map(String.init), unit: options.unit)
        let total =
            options.relativePercentages ? nil : try SampleValues(profile, options).total(of: profile)
        _ = try ProfileFilter(expressions).apply(to: &profile, units: units)
        let context = try ReportContext(
            profile, kind: kind, options: options, total: total, numericLabelUnits: units)
        switch kind {
        case .top: return try TopReport(context).render()
        case .tree: return try TreeReport(context).render()
        case .peek: return try TreeReport(context, matching: RegularExpression(expression ?? "")).render()
        case .dot: return try DotReport(context).render()
        case .callgrind: return try CallgrindReport(context).render()
        default: return ""
        }
    }

    private var expressions: ProfileFilter.Expressions {
        var expressions = ProfileFilter.Expressions()
        expressions.focus = options.focus
        expressions.ignore = options.ignore
        expressions.hide = options.hide
        expressions.show = options.show
        expressions.showFrom = options.showFrom
        expressions.pruneFrom = options.pruneFrom
        expressions.tagFocus = options.tagFocus
        expressions.tagIgnore = options.tagIgnore
        expressions.tagShow = options.tagShow
        expressions.tagHide = options.tagHide
        return expressions
    }

    /// The filters, with pprof's names.
    private static var filters: [(name: String, option: WritableKeyPath<ReportOptions, String>, values: [String])] {
        [
            ("focus", \.focus, names), ("ignore", \.ignore, names), ("hide", \.hide, names), ("show", \.show, names),
            ("show_from", \.showFrom, names), ("prune_from", \.pruneFrom, names), ("tagfocus", \.tagFocus, tags),
            ("tagignore", \.tagIgnore, tags), ("tagshow", \.tagShow, keys), ("taghide", \.tagHide, keys),
            ("tagroot", \.tagRoot, ["thread", "thread,request", "bytes"]), ("tagleaf", \.tagLeaf, ["a.b", "bytes"]),
        ]
    }
    private static let names = [
        "main", "^run", "libfirst", "file [1-3]", "[0-9]$",
        "no such name at all, whatever may be in the profile, however long it gets",
        "a|e|i", "mallocgc|new", "vdso",
    ]
    private static let tags = [
        "value 1", "thread=value [12]", "1kb:", "bytes=:1mb", "tid=3", "request", "value 2,value 3",
    ]
    private static let keys = ["thread", "bytes", "a\\.b", "nothing"]

    /// A random report of a profile with `typeCount` sample types.
    static func random(_ random: inout SeededGenerator, typeCount: Int) -> ReportCase {
        let kind = random.element([.top, .top, .tree, .peek, .dot, .dot, .callgrind] as [ReportKind])
        var result = ReportCase(kind: kind)
        if kind == .peek {
            let expression = random.element([".", "main", "a|b", "^r", "ser", "[0-9]", "nothing at all", "\\.", ":"])
            result.expression = expression
            result.arguments.append("-peek=" + expression)
        } else {
            result.arguments.append("-" + (kind == .top && random.below(2) == 0 ? "text" : kind.rawValue))
        }
        func sometimes(_ odds: Int, _ set: (inout ReportCase) -> Void) {
            if random.below(odds) == 0 { set(&result) }
        }
        let index = random.below(typeCount)
        sometimes(3) {
            $0.options.sampleIndex = "\(index)"; $0.arguments.append("-sample_index=\(index)")
        }
        sometimes(8) {
            $0.options.mean = true; $0.arguments.append("-mean")
        }
        let divisor = random.element([2, 10, 0.5, 1000, 3.7])
        sometimes(8) {
            $0.options.divideBy = divisor; $0.arguments.append("-divide_by=\(divisor)")
        }
        let unit = random.element([
            "auto", "ms", "seconds", "us", "kb", "MB", "bananas", "hrs", "count", "gcu", "minimum",
        ])
        sometimes(4) {
            $0.options.unit = unit; $0.arguments.append("-unit=" + unit)
        }
        let granularity = random.element(ReportOptions.Granularity.allCases)
        sometimes(2) {
            $0.options.granularity = granularity; $0.arguments.append("-" + granularity.rawValue)
        }
        // Of July 2022, pprof's callgrind takes no notice of noinlines.
        if kind != .callgrind || PprofProgram.isNewest {
            sometimes(6) {
                $0.options.noInlines = true
                $0.arguments.append("-noinlines")
            }
        }
        let count = random.element([0, 1, 2, 3, 5, 8, 13, 30, 100])
        sometimes(3) {
            $0.options.nodeCount = count; $0.arguments.append("-nodecount=\(count)")
        }
        let nodeFraction = random.element([0, 0.001, 0.02, 0.05, 0.1, 0.3])
        sometimes(3) {
            $0.options.nodeFraction = nodeFraction; $0.arguments.append("-nodefraction=\(nodeFraction)")
        }
        let edgeFraction = random.element([0, 0.005, 0.02, 0.08, 0.2])
        sometimes(3) {
            $0.options.edgeFraction = edgeFraction; $0.arguments.append("-edgefraction=\(edgeFraction)")
        }
        sometimes(4) {
            $0.options.sort = .cum; $0.arguments.append("-cum")
        }
        sometimes(8) {
            $0.options.callTree = true; $0.arguments.append("-call_tree")
        }
        sometimes(6) {
            $0.options.dropNegative = true; $0.arguments.append("-drop_negative")
        }
        sometimes(8) {
            $0.options.trim = false; $0.arguments.append("-trim=false")
        }
        sometimes(8) {
            $0.options.compactLabels = true; $0.arguments.append("-compact_labels")
        }
        let trimPath = random.element(["/src", "/src/dir0/:/src/./dir1", "/nowhere", "src"])
        sometimes(8) {
            $0.options.trimPath = trimPath; $0.arguments.append("-trim_path=" + trimPath)
        }
        let sourcePath = random.element(["/home/dir1", "/x/src:/y", "/home/dir1/"])
        sometimes(8) {
            $0.options.sourcePath = sourcePath; $0.arguments.append("-source_path=" + sourcePath)
        }
        for filter in filters {
            let value = random.element(filter.values)
            sometimes(14) {
                $0.options[keyPath: filter.option] = value
                $0.arguments.append("-" + filter.name + "=" + value)
            }
        }
        sometimes(10) {
            $0.options.relativePercentages = true
            $0.arguments.append("-relative_percentages")
        }
        sometimes(10) { $0.baseMode = .subtract }
        sometimes(10) { $0.baseMode = .compare }
        sometimes(10) { $0.isNormalized = $0.baseMode != nil }
        if result.isNormalized { result.arguments.append("-normalize") }
        if PprofProgram.isNewest {
            sometimes(4) {
                $0.options.showColumns = true; $0.arguments.append("-showcolumns")
            }
        }
        return result
    }
}

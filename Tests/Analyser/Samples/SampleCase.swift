import Primitives
import ProfileModel
import ProfileReport
import ProfileTransform

/// A report over samples with filters, for pprof and for us.
struct SampleCase: CustomStringConvertible {
    var kind: ReportKind
    var options = ReportOptions()
    var expressions = ProfileFilter.Expressions()
    var roots: [String] = []
    var leaves: [String] = []
    /// pprof's arguments for the same.
    var arguments: [String]

    var description: String { arguments.joined(separator: " ") }

    /// What we print, and what we tell the user beside it.
    func render(_ loaded: Profile) throws -> (text: String, notices: [String]) {
        var profile = loaded
        let units = NumericLabelUnits(profile)
        var notices = units.notices
        let frames = try profile.addLabelFrames(roots: roots, leaves: leaves, unit: options.unit)
        if !roots.isEmpty, !frames.root { notices.append("TagRoot expression matched no samples") }
        if !leaves.isEmpty, !frames.leaf { notices.append("TagLeaf expression matched no samples") }
        let filter = try ProfileFilter(expressions)
        notices += filter.notices
        let total = options.relativePercentages ? nil : try SampleValues(profile, options).total(of: profile)
        notices += try filter.apply(to: &profile, units: units.units)
        var options = options
        options.copyFilters(expressions)
        let context = try ReportContext(
            profile, kind: kind, options: options, total: total, numericLabelUnits: units.units)
        switch kind {
        case .raw: return (RawReport(context).render(), notices)
        case .traces: return (TracesReport(context).render(), notices)
        case .tags: return (try TagsReport(context).render(), notices)
        case .comments: return (CommentsReport(context).render(), notices)
        case .top: return (try TopReport(context).render(), notices)
        case .proto: return (RawReport(try context.over(ProtoReport(context).profile)).render(), notices)
        default: return ("", notices)
        }
    }

    /// A random report, of the kinds whose text does not depend on the age of pprof unless it is the newest.
    static func random(_ random: inout SeededGenerator, typeCount: Int) -> SampleCase {
        let kinds: [ReportKind] = [.raw, .raw, .traces, .traces, .proto, .top, .tags, .comments]
        var kind = random.element(kinds)
        if kind == .tags, !PprofProgram.isNewest { kind = .raw }
        var result = SampleCase(kind: kind, arguments: ["-" + kind.rawValue])
        result.addFilters(&random)
        result.addOptions(&random, typeCount: typeCount)
        return result
    }

    private mutating func addFilters(_ random: inout SeededGenerator) {
        let names = [
            "main", "a", "^f", "serve|poll", "\\.", "lib", "program", "vdso", "dir0", "file 3", "nothing at all",
            "[0-9]",
            "(?i)MAIN", "::", ".", "value", "^b$", "Swift", "<", "second",
        ]
        let tags = [
            "value", "thread=value 1", "value 1,value 2", "thread=value 0,value 3", "tid=3", "tid=2:5", ":4", "64:",
            "1kb",
            "bytes=1kb:2mb", "bytes=:4096", "bytes=64b:", "thread", "nothing", "a.b:value", "=value", "tid=", "-3:3",
            "size=5mb:", "size", "both=2", "5-3", "1kb:2", "7bananas", "2ms:", "both=x", "12:3x",
        ]
        let fields: [(String, WritableKeyPath<ProfileFilter.Expressions, String>, [String])] = [
            ("focus", \.focus, names), ("ignore", \.ignore, names), ("hide", \.hide, names), ("show", \.show, names),
            ("show_from", \.showFrom, names), ("prune_from", \.pruneFrom, names), ("tagfocus", \.tagFocus, tags),
            ("tagignore", \.tagIgnore, tags),
            ("tagshow", \.tagShow, ["thread", "b", "x", "^tid$", "nothing"]),
            ("taghide", \.tagHide, ["thread", "b", "x", "^tid$", "nothing"]),
        ]
        for (name, field, values) in fields where random.below(6) == 0 {
            let value = random.element(values)
            expressions[keyPath: field] = value
            arguments.append("-\(name)=\(value)")
        }
    }

    private mutating func addOptions(_ random: inout SeededGenerator, typeCount: Int) {
        let keys = ["thread", "tid", "bytes", "both", "nothing", "size"]
        if random.below(6) == 0 {
            roots = random.below(2) == 0 ? [random.element(keys)] : [random.element(keys), random.element(keys)]
            arguments.append("-tagroot=" + roots.joined(separator: ","))
        }
        if random.below(8) == 0 {
            leaves = random.below(2) == 0 ? [random.element(keys)] : [random.element(keys), random.element(keys)]
            arguments.append("-tagleaf=" + leaves.joined(separator: ","))
        }
        if random.below(3) == 0 {
            options.sampleIndex = "\(random.below(typeCount))"
            arguments.append("-sample_index=" + options.sampleIndex)
        }
        if random.below(5) == 0 {
            options.unit = random.element(["auto", "ms", "kb", "MB", "bananas", "count"])
            arguments.append("-unit=" + options.unit)
        }
        if random.below(5) == 0 {
            options.divideBy = random.element([2, 0.5, 1000, 3.7])
            arguments.append("-divide_by=\(options.divideBy)")
        }
        if random.below(4) == 0 {
            let granularity = random.element(ReportOptions.Granularity.allCases)
            options.granularity = granularity
            arguments.append("-" + granularity.rawValue)
        }
        let switches: [(String, WritableKeyPath<ReportOptions, Bool>)] = [
            ("mean", \.mean), ("noinlines", \.noInlines), ("relative_percentages", \.relativePercentages),
            ("compact_labels", \.compactLabels), ("showcolumns", \.showColumns),
        ]
        for (name, field) in switches where random.below(6) == 0 {
            if name == "showcolumns", !PprofProgram.isNewest { continue }
            if name == "noinlines", !PprofProgram.isNewest, kind == .raw || kind == .proto { continue }
            options[keyPath: field] = true
            arguments.append("-" + name)
        }
    }
}

extension ReportOptions {
    /// Takes over the filters that headers name.
    mutating func copyFilters(_ expressions: ProfileFilter.Expressions) {
        focus = expressions.focus
        ignore = expressions.ignore
        hide = expressions.hide
        show = expressions.show
        showFrom = expressions.showFrom
        tagFocus = expressions.tagFocus
        tagIgnore = expressions.tagIgnore
        tagShow = expressions.tagShow
        tagHide = expressions.tagHide
    }
}

extension ReportContext {
    /// The context of `raw` for another profile, with nothing set.
    func over(_ profile: Profile) throws -> ReportContext {
        try ReportContext(profile, kind: .raw)
    }
}

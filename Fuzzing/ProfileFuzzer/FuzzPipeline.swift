import ProfileModel
import ProfileReader
import ProfileReport
import ProfileTransform
import ProfileWriter
import RegularExpressions

/// All that is done with a profile between its file and what is printed.
enum FuzzPipeline {
    private static let filter: ProfileFilter? = {
        var expressions = ProfileFilter.Expressions()
        expressions.focus = "a|m"
        expressions.ignore = "kept"
        expressions.hide = "operator"
        expressions.showFrom = "main|a|1"
        expressions.pruneFrom = "malloc"
        expressions.tagIgnore = "bytes=1kb:2mb"
        expressions.tagHide = "x"
        return try? ProfileFilter(expressions)
    }()

    private static let anything = try? RegularExpression("[a-z0-9]")

    /// Traps unless `profile` is valid, which everything that comes out of the reader and the transformations is.
    static func check(_ profile: Profile) {
        do {
            try profile.checkValid(.pprof)
        } catch {
            preconditionFailure("not a valid profile: \(error)")
        }
    }

    static func run(_ bytes: [UInt8], byteLimit: Int) throws {
        var profile = try ProfileReader.decode(bytes, byteLimit: byteLimit)
        profile.finishNames()
        profile.removeUninterestingFrames()
        let whole = profile
        let units = NumericLabelUnits(profile)
        try profile.addLabelFrames(roots: ["thread"], leaves: ["bytes"], unit: "auto")
        _ = try filter?.apply(to: &profile, units: units.units)
        try report(profile, units.units, variant: bytes.count)
        check(profile)
        let merged = try ProfileMerge.combine([whole, profile])
        check(merged)
        let difference = try merged.relative(to: whole, mode: .compare, isNormalized: true)
        try report(difference, units.units, variant: bytes.count + 7)
        // What is written is read again.
        _ = try ProfileReader.decode(ProfileEncoder.encode(difference))
    }

    /// All reports, with options that depend on `variant`.
    private static func report(_ profile: Profile, _ units: [String: String], variant: Int) throws {
        var options = ReportOptions()
        options.granularity = ReportOptions.Granularity.allCases[variant % 5]
        options.callTree = variant % 2 == 0
        options.mean = variant % 3 == 0
        options.nodeCount = [-1, 0, 3][variant % 3]
        options.nodeFraction = [0.005, 0.2, 0][variant / 3 % 3]
        options.dropNegative = variant % 7 == 0
        options.unit = ["minimum", "auto", "ms", "x"][variant / 5 % 4]
        options.divideBy = [1, 3, 1e-9][variant / 7 % 3]
        for kind in ReportKind.allCases {
            let context = try ReportContext(profile, kind: kind, options: options, numericLabelUnits: units)
            switch kind {
            case .top: _ = try TopReport(context).render()
            case .tree: _ = try TreeReport(context).render()
            case .peek: _ = try? TreeReport(context, matching: anything).render()
            case .dot: _ = try DotReport(context).render()
            case .callgrind: _ = try CallgrindReport(context).render()
            case .topproto: check(try TopProfile(context).profile)
            case .traces: _ = TracesReport(context).render()
            case .raw: _ = RawReport(context).render()
            case .tags: _ = try TagsReport(context).render()
            case .comments: _ = CommentsReport(context).render()
            case .proto: _ = ProtoReport(context).profile
            case .list, .weblist, .disasm: break
            }
        }
        for function in profile.functions {
            let language = ShortNames.language(ofSystemName: profile.string(function.systemName))
            _ = ShortNames.forms(profile.string(function.name), language)
        }
    }
}

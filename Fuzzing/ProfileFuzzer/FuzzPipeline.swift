import ProfileModel
import ProfileReader
import ProfileReport
import ProfileTransform
import ProfileWriter

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
        profile.removeUninterestingFrames()
        let whole = profile
        let units = NumericLabelUnits(profile)
        profile.addLabelFrames(roots: ["thread"], leaves: ["bytes"], unit: "auto")
        _ = filter?.apply(to: &profile, units: units.units)
        try report(profile, units.units)
        check(profile)
        let merged = try ProfileMerge.combine([whole, profile])
        check(merged)
        let difference = try merged.relative(to: whole, mode: .compare, isNormalized: true)
        try report(difference, units.units)
        // What is written is read again.
        _ = try ProfileReader.decode(ProfileEncoder.encode(difference))
    }

    private static func report(_ profile: Profile, _ units: [String: String]) throws {
        for kind in ReportKind.allCases {
            let context = try ReportContext(profile, kind: kind, numericLabelUnits: units)
            switch kind {
            case .top: _ = TopReport(context).render()
            case .tree: _ = try TreeReport(context).render()
            case .dot: _ = DotReport(context).render()
            case .callgrind: _ = CallgrindReport(context).render()
            case .traces: _ = TracesReport(context).render()
            case .raw: _ = RawReport(context).render()
            case .tags: _ = TagsReport(context).render()
            case .comments: _ = CommentsReport(context).render()
            case .proto: _ = ProtoReport(context).profile
            default: break
            }
        }
    }
}

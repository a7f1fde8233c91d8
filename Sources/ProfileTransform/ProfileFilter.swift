public import Primitives
public import ProfileModel
import RegularExpressions

/// What a user wants to see of a profile: expressions on functions, files and labels, applied in pprof's order.
///
///     let filter = try ProfileFilter(expressions)
///     for notice in filter.notices { … }
///     for notice in try filter.apply(to: &profile, units: NumericLabelUnits(profile).units) { … }
///
/// An expression on frames looks at the name and the file of each function, and at the file of the mapping, wherever
/// in them it matches. Facts: github.com/google/pprof `internal/driver/driver_focus.go` and `profile/filter.go`.
public struct ProfileFilter: Sendable {
    /// The expressions as the user writes them; empty for none.
    public struct Expressions: Sendable, Equatable {
        /// Keep samples with a frame that matches.
        public var focus = ""
        /// Drop samples with a frame that matches.
        public var ignore = ""
        /// Take frames that match out of all stacks.
        public var hide = ""
        /// Take all other frames out of all stacks.
        public var show = ""
        /// Drop all frames above the match nearest to the root, and samples without a match.
        public var showFrom = ""
        /// Drop all frames below the match nearest to the leaf.
        public var pruneFrom = ""
        /// Keep samples with labels that match; see `TagFilter` for what may stand here.
        public var tagFocus = ""
        /// Drop samples with labels that match.
        public var tagIgnore = ""
        /// Keep only labels whose key matches.
        public var tagShow = ""
        /// Drop labels whose key matches.
        public var tagHide = ""

        /// No expressions.
        public init() {}
    }

    private let focus: RegularExpression?
    private let ignore: RegularExpression?
    private let hide: RegularExpression?
    private let show: RegularExpression?
    private let showFrom: RegularExpression?
    private let pruneFrom: RegularExpression?
    private let tagFocus: TagFilter?
    private let tagIgnore: TagFilter?
    private let tagShow: RegularExpression?
    private let tagHide: RegularExpression?

    /// What to tell the user about how expressions were understood, before anything else.
    public let notices: [String]

    /// Compiles the expressions; throws for the first that is malformed, in pprof's order.
    public init(_ expressions: Expressions) throws(ProfileFilterError) {
        focus = try Self.expression(expressions.focus, "focus")
        ignore = try Self.expression(expressions.ignore, "ignore")
        hide = try Self.expression(expressions.hide, "hide")
        show = try Self.expression(expressions.show, "show")
        showFrom = try Self.expression(expressions.showFrom, "show_from")
        tagFocus = expressions.tagFocus.isEmpty ? nil : try TagFilter(expressions.tagFocus, option: "tagfocus")
        tagIgnore = expressions.tagIgnore.isEmpty ? nil : try TagFilter(expressions.tagIgnore, option: "tagignore")
        pruneFrom = try Self.expression(expressions.pruneFrom, "prune_from")
        tagShow = try Self.expression(expressions.tagShow, "tagshow")
        tagHide = try Self.expression(expressions.tagHide, "taghide")
        notices = [tagFocus, tagIgnore].compactMap { $0?.notice }
    }

    private static func expression(
        _ pattern: String, _ option: String
    ) throws(ProfileFilterError) -> RegularExpression? {
        pattern.isEmpty ? nil : try compile(pattern, option: option)
    }

    /// Applies all expressions to `profile`. What to tell the user: which of them matched nothing.
    ///
    /// - Parameters:
    ///   - units: The units of numeric labels, of the profile as it was loaded.
    ///   - cancellation: Whether what is left is still wanted; if not, some of the expressions are applied.
    public func apply(
        to profile: inout Profile, units: [String: String], cancellation: Cancellation = .never
    ) throws(ProfileFilterError) -> [String] {
        var notices: [String] = []
        func proceed() throws(ProfileFilterError) {
            if cancellation.isRequested { throw .cancelled }
        }
        func note(_ expression: String, _ isSet: Bool, _ matched: Bool) {
            if isSet, !matched { notices.append(expression + " expression matched no samples") }
        }
        try proceed()
        let names = profile.filterFrames(focus: focus, ignore: ignore, hide: hide, show: show)
        note("Focus", focus != nil, names.focus)
        note("Ignore", ignore != nil, names.ignore)
        note("Hide", hide != nil, names.hide)
        note("Show", show != nil, names.show)
        try proceed()
        if let showFrom { note("ShowFrom", true, profile.show(from: showFrom)) }

        try proceed()
        let focused = tagFocus?.matches(profile, units: units)
        try proceed()
        let ignored = tagIgnore?.matches(profile, units: units)
        try proceed()
        if focused != nil || ignored != nil {
            note("TagFocus", tagFocus != nil, focused?.contains(true) ?? false)
            note("TagIgnore", tagIgnore != nil, ignored?.contains(true) ?? false)
            profile.samples.keep(
                profile.samples.indices.map { position in
                    guard focused?[position] ?? true, !(ignored?[position] ?? false) else { return nil }
                    return profile.samples.locationRange(position)
                })
        }
        try proceed()
        if tagShow != nil || tagHide != nil {
            let tags = profile.filterLabels(show: tagShow, hide: tagHide)
            note("TagShow", tagShow != nil, tags.show)
            note("TagHide", tagHide != nil, tags.hide)
        }
        try proceed()
        if let pruneFrom { profile.prune(from: pruneFrom) }
        return notices
    }
}

import Primitives
import ProfileModel
import ProfileReport
import ProfileTransform

/// What filters and label frames leave of a profile, and what percentages are of.
struct ProfileSelection: Sendable {
    /// The profile after the filters.
    let profile: Profile
    /// What percentages are of; nil for what is left.
    let total: Int64?
    /// What is to be said of expressions that matched nothing, or not as written.
    let notices: [String]
    /// What reports on it keep for each other.
    let graphs = GraphCache()

    private let options: ReportOptions

    /// - Parameters:
    ///   - units: The units of numeric labels, by key.
    ///   - cancellation: Whether it is still wanted.
    init(
        _ whole: Profile, _ options: ReportOptions, units: [String: String], cancellation: Cancellation
    ) throws(ReportFailure) {
        self.options = Self.relevant(options)
        var profile = whole
        var notices: [String] = []
        let roots = options.tagRoot.split(separator: ",").map(String.init)
        let leaves = options.tagLeaf.split(separator: ",").map(String.init)
        if !options.tagRoot.isEmpty || !options.tagLeaf.isEmpty {
            let matches: LabelFrameMatches
            do throws(ProfileFilterError) {
                matches = try profile.addLabelFrames(
                    roots: roots, leaves: leaves, unit: options.unit, cancellation: cancellation)
            } catch {
                throw .filter(error)
            }
            if !options.tagRoot.isEmpty, !matches.root { notices.append("TagRoot expression matched no samples") }
            if !options.tagLeaf.isEmpty, !matches.leaf { notices.append("TagLeaf expression matched no samples") }
        }
        do throws(ReportError) {
            let values = try SampleValues(profile, options)
            total = options.relativePercentages ? nil : values.total(of: profile)
        } catch {
            throw .report(error)
        }
        let expressions = Self.expressions(options)
        if expressions != ProfileFilter.Expressions() {
            do throws(ProfileFilterError) {
                let filter = try ProfileFilter(expressions)
                notices += filter.notices
                notices += try filter.apply(to: &profile, units: units, cancellation: cancellation)
            } catch {
                throw .filter(error)
            }
        }
        self.profile = profile
        self.notices = notices
    }

    /// Whether `options` would leave the same.
    func isSelection(of options: ReportOptions) -> Bool { Self.relevant(options) == self.options }

    /// The options that decide what is left.
    private static func relevant(_ options: ReportOptions) -> ReportOptions {
        var relevant = ReportOptions()
        relevant.sampleIndex = options.sampleIndex
        relevant.mean = options.mean
        relevant.unit = options.tagRoot.isEmpty && options.tagLeaf.isEmpty ? relevant.unit : options.unit
        relevant.relativePercentages = options.relativePercentages
        for path in Self.texts { relevant[keyPath: path] = options[keyPath: path] }
        return relevant
    }

    private static var texts: [WritableKeyPath<ReportOptions, String>] {
        [
            \.focus, \.ignore, \.hide, \.show, \.showFrom, \.pruneFrom, \.tagFocus, \.tagIgnore, \.tagShow, \.tagHide,
            \.tagRoot, \.tagLeaf,
        ]
    }

    private static func expressions(_ options: ReportOptions) -> ProfileFilter.Expressions {
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
}

import ProfileModel

/// The comments of a profile, one a line, those that start with `#` included: what `pprof -comments` prints.
public struct CommentsReport: Sendable {
    /// The comments in the profile's order.
    public let comments: [String]

    /// The comments of the context's profile.
    public init(_ context: ReportContext) {
        comments = context.profile.comments.map(context.profile.string)
    }

    /// The report as text, with a newline at its end unless it is empty.
    public func render() -> String {
        comments.map { $0 + "\n" }.joined()
    }
}

public import ProfileModel
import ProfileTransform

/// The profile as the filters leave it, to be written as profile.proto: what `pprof -proto` writes.
///
/// Facts: github.com/google/pprof `internal/report/report.go` (`printProto`).
public struct ProtoReport: Sendable {
    /// The profile, with its values divided by `divide_by`, and without inlined calls where the user asks for that.
    public let profile: Profile

    /// What is to be written of the context's profile.
    public init(_ context: ReportContext) {
        var profile = context.profile
        profile.aggregate(for: context.options)
        let ratio = 1 / context.options.divideBy
        if ratio > 0, ratio != 1 {
            profile.samples.mapValues { value, _ in truncated(Double(value) * ratio) }
        }
        self.profile = profile
    }
}

extension Profile {
    /// Clears what `options` do not ask for in reports of the profile itself, whose granularity is that of addresses:
    /// nothing, unless inlined calls are not wanted.
    mutating func aggregate(for options: ReportOptions) {
        guard options.noInlines else { return }
        var detail = FrameDetail()
        detail.inlines = false
        detail.columns = options.showColumns
        aggregate(keeping: detail)
    }
}

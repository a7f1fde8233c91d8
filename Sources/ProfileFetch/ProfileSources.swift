/// Where profiles come from, and what is done to them before a report is made.
public struct ProfileSources: Sendable, Equatable {
    /// Files, URLs, or `host:port`; several are merged.
    public var sources: [String] = []
    /// The same for what is subtracted.
    public var bases: [String] = []
    /// Show the base's values as 100 %, as `-diff_base` does.
    public var isDifference = false
    /// Scale the sources to the total of the base.
    public var normalizes = false
    /// Takes the place of the main binary's path; empty for none.
    public var executable = ""
    /// The build ID of the main binary, if the profile does not tell; empty for none.
    public var buildID = ""
    /// How long a server is to record; 0 or less for its own default.
    public var seconds = -1
    /// How long to wait for a server; 0 or less for a limit that suits `seconds`.
    public var timeoutSeconds = -1
    /// Where names of functions come from, as pprof's `-symbolize` says it.
    public var symbolization = ""
    /// A remark to add to the profile; empty for none.
    public var comment = ""
    /// Do not drop the frames that the profile says to drop.
    public var keepsAllFrames = false
    /// The certificate that a server asks for, its key, and the authorities that are trusted; files in PEM, empty for
    /// none.
    public var certificateFile = ""
    public var keyFile = ""
    public var authorityFile = ""

    /// No sources.
    public init() {}
}

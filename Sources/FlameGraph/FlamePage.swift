public import MergedStacks
public import ProfileModel

/// A flame graph as one HTML page that needs nothing else: no server, no network, no other file.
///
/// Stacks are merged here, so that the page of a profile with a million samples has a few megabytes and opens at once;
/// what is too small for the room that there is, is left out and said so.
public struct FlamePage {
    /// What goes on the page beside the profile.
    public struct Options: Sendable {
        /// What the page is called: the program.
        public var title = "profile"
        /// Lines about the profile, shown below the title.
        public var header: [String] = []
        /// The position of the sample type to show first; all are on the page.
        public var sampleTypeIndex = 0
        /// Whether a base is scaled to the total of what it is compared with. The reader can change this.
        public var isNormalized = false
        /// What makes a box.
        public var detail = FrameTable.Detail.functions
        /// The most boxes; about 20 bytes of the page each. Fewer are not missed: 100 000 are more than 2 000 points of
        /// a screen can show at any zoom that has something to say.
        public var nodeLimit = 100_000

        /// The defaults.
        public init() {}
    }

    private let profile: Profile
    private let options: Options

    /// A page for `profile`, which has to be valid and to have sample types. Samples with the label `pprof::base` are
    /// what the others are compared with.
    public init(_ profile: Profile, options: Options = Options()) {
        self.profile = profile
        self.options = options
    }

    /// The page as UTF-8. O(frames of all samples).
    public func render() -> [UInt8] {
        var data: [UInt8] = []
        FlameData(profile, options: options).write(to: &data)
        return WebPage.flameGraph(title: options.title, data: data)
    }
}

internal import ProfileReport

extension ReportCommand {
    /// All commands, by name.
    ///
    /// Names, kinds and destinations: github.com/google/pprof `internal/driver/commands.go`.
    public static let all: [ReportCommand] = [
        ReportCommand("callgrind", .callgrind, "A graph in callgrind's format", to: file("callgraph.out")),
        ReportCommand("comments", .comments, "The comments in the profile"),
        ReportCommand("disasm", .disasm, "Machine code with what was measured", takesExpression: true),
        ReportCommand("dot", .dot, "A graph in the language of Graphviz"),
        ReportCommand(
            "eog", .dot, "A graph in the viewer eog", drawing: .graphviz("svg"), to: viewer("svg", .program("eog"))),
        ReportCommand(
            "evince", .dot, "A graph in the viewer evince", drawing: .graphviz("pdf"),
            to: viewer("pdf", .program("evince"))),
        ReportCommand("gif", .dot, "A graph as a GIF image", drawing: .graphviz("gif"), to: file("gif")),
        ReportCommand(
            "gv", .dot, "A graph in the viewer gv", drawing: .graphviz("ps"),
            to: viewer("ps", .program("gv --noantialias"))),
        ReportCommand(
            "kcachegrind", .callgrind, "A graph in KCachegrind", to: viewer("grind", .program("kcachegrind"))),
        ReportCommand("list", .list, "Source code with what was measured", takesExpression: true),
        ReportCommand("pdf", .dot, "A graph as PDF", drawing: .graphviz("pdf"), to: file("pdf")),
        ReportCommand("peek", .peek, "Callers and callees of functions", takesExpression: true),
        ReportCommand("png", .dot, "A graph as a PNG image", drawing: .graphviz("png"), to: file("png")),
        ReportCommand("proto", .proto, "The profile in its own format, compressed", to: file("pb.gz")),
        ReportCommand("ps", .dot, "A graph as PostScript", drawing: .graphviz("ps"), to: file("ps")),
        ReportCommand("raw", .raw, "Everything in the profile, as text"),
        ReportCommand("svg", .dot, "A graph as an SVG image", drawing: .scalableGraphics, to: file("svg")),
        ReportCommand("tags", .tags, "The labels in the profile"),
        ReportCommand("text", .top, "The most expensive entries"),
        ReportCommand("top", .top, "The most expensive entries"),
        ReportCommand("topproto", .topproto, "The most expensive entries as a profile", to: file("pb.gz")),
        ReportCommand("traces", .traces, "Every sample with its stack"),
        ReportCommand("tree", .tree, "The most expensive entries with callers and callees"),
        ReportCommand(
            "web", .dot, "A graph in the browser", drawing: .scalableGraphics, to: viewer("svg", .browser)),
        ReportCommand(
            "weblist", .weblist, "Source and machine code in the browser", takesExpression: true,
            to: viewer("html", .browser)),
    ]

    /// The command called `name`.
    public static func named(_ name: String) -> ReportCommand? {
        all.first { $0.name == name }
    }

    private init(
        _ name: String, _ kind: ReportKind, _ summary: String, takesExpression: Bool = false, drawing: Drawing = .none,
        to destination: Destination = .standardOutput
    ) {
        self.name = name
        self.kind = kind
        self.drawing = drawing
        self.destination = destination
        self.takesExpression = takesExpression
        self.summary = summary
    }

    private static func file(_ fileExtension: String) -> Destination {
        .awayFromTerminal(fileExtension: fileExtension)
    }

    private static func viewer(_ fileExtension: String, _ viewer: Viewer) -> Destination {
        .viewer(fileExtension: fileExtension, viewer)
    }
}

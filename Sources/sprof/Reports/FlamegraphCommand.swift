import ArgumentParser
import FlameGraph
import Glibc
import MergedStacks
import ProfileFetch
import ProfileReport
import ProfileShell
import ProfileWriter

/// `sprof flamegraph`: where the time went, by call path, as a page or in the terminal.
struct Flamegraph: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw a flame graph: one HTML page, or text.",
        discussion: """
            The page needs nothing but a browser: sprof flamegraph cpu.pb.gz > flame.html
            With --text the graph is drawn in the terminal, in colours if it is one.
            With --diff-base before.pb.gz, what grew is red and what shrank is blue.
            """)

    @Argument(help: "Profiles, which are merged: files, URLs, host:port; - is standard input.")
    var sources: [String]

    @Flag(help: "Draw with characters, as wide as the terminal.")
    var text = false

    @Option(help: ArgumentHelp("The width of the text.", valueName: "columns"))
    var width: Int?

    @OptionGroup(title: "Report options")
    var report: ReportOptionGroup

    @OptionGroup(title: "Source options")
    var source: SourceOptionGroup

    func validate() throws {
        // The page's header has the total, in the unit that is asked for.
        let effective: Set<ReportOptionGroup.Choice> =
            text ? [.lines, .files, .addresses] : [.lines, .files, .addresses, .unit]
        try report.refuseChoices(without: effective, of: text ? "a flame graph as text" : "a flame graph")
        if let width, !(20...10_000).contains(width) { throw ValidationError("--width takes 20 to 10000 columns.") }
    }

    func run() throws {
        var profiles = source.profileSources(sources)
        // The page can show a base scaled or as it is, at the reader's choice.
        if !text { profiles.normalizes = false }
        try SelectedProfile.withContext(.top, report, profiles) { context in
            let output = report.options.output
            if text {
                try TextOutput.write(Array(drawing(context).utf8), to: output)
            } else {
                if output.isEmpty, isatty(STDOUT_FILENO) == 1 {
                    throw ValidationError(
                        "the page is for a browser: -o flame.html writes it to a file, --text draws it here")
                }
                try ProfileFile.write(page(context), to: output.isEmpty ? "-" : output)
            }
        }
    }

    private func page(_ context: ReportContext) -> [UInt8] {
        var options = FlamePage.Options()
        options.title = context.title.isEmpty ? "profile" : context.title
        // The page shows the program and the type itself; what built it and how is for reports.
        options.header =
            context.profileLines(in: context.options.unit).filter { line in
                !["File: ", "Build ID: ", "Type: "].contains { line.hasPrefix($0) }
            } + context.activeFilterLines
        options.sampleTypeIndex = context.values.index
        options.isNormalized = source.normalize
        options.detail = SelectedProfile.detail(context)
        return FlamePage(context.profile, options: options).render()
    }

    private func drawing(_ context: ReportContext) -> String {
        let isTerminal = report.options.output.isEmpty && isatty(STDOUT_FILENO) == 1
        var options = FlameText.Options()
        options.title = (context.title.isEmpty ? "profile" : context.title) + ", " + context.values.type
        options.sampleTypeIndex = context.values.index
        options.width = width ?? TerminalSize.columns(of: STDOUT_FILENO) ?? 100
        options.detail = SelectedProfile.detail(context)
        // https://no-color.org: any value but the empty one.
        let wantsColors = (sprof.text(ofEnvironment: "NO_COLOR") ?? "").isEmpty
        options.hasColors = isTerminal && wantsColors && sprof.text(ofEnvironment: "TERM") != "dumb"
        return FlameText(context.profile, options: options).render()
    }
}

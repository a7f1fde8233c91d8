import ArgumentParser
import FlameGraph
import Glibc
import Primitives
import ProfileModel
import ProfileReport
import ProfileWriter

/// `sprof flamegraph`: where the time went, by call path, as a page or in the terminal.
struct Flamegraph: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw a flame graph: one HTML page, or text.",
        discussion: """
            The page needs nothing but a browser: sprof flamegraph cpu.pb.gz > flame.html
            With --text the graph is drawn in the terminal, in colours if it is one.
            """)

    @Argument(help: "A profile: any pprof file; - is standard input.")
    var file: String

    @Option(
        help: ArgumentHelp("The values to show first: a name or position of the sample types.", valueName: "type"))
    var sampleIndex = ""

    @Option(name: .shortAndLong, help: ArgumentHelp("Write to this file.", valueName: "file"))
    var output = "-"

    @Flag(help: "Draw with characters, as wide as the terminal.")
    var text = false

    @Option(help: ArgumentHelp("The width of the text.", valueName: "columns"))
    var width: Int?

    func validate() throws {
        if let width, !(20...10_000).contains(width) { throw ValidationError("--width takes 20 to 10000 columns.") }
    }

    func run() throws {
        do {
            let profile = try ProfileInput.read(file)
            var report = ReportOptions()
            report.sampleIndex = sampleIndex
            let context = try ReportContext(profile, kind: .top, options: report)
            if text {
                try TextOutput.write(Array(drawing(context).utf8), to: output)
            } else {
                try ProfileFile.write(page(context), to: output)
            }
        } catch {
            Terminal(isQuiet: false).error("\(file): \(error)")
            throw ExitCode(1)
        }
    }

    private func page(_ context: ReportContext) -> [UInt8] {
        var options = FlamePage.Options()
        options.title = context.title.isEmpty ? "profile" : context.title
        // The page shows the program and the type itself; what built it and how is for reports.
        options.header = context.profileLines(in: "minimum").filter { line in
            !["File: ", "Build ID: ", "Type: "].contains { line.hasPrefix($0) }
        }
        options.sampleTypeIndex = context.values.index
        return FlamePage(context.profile, options: options).render()
    }

    private func drawing(_ context: ReportContext) -> String {
        let isTerminal = output == "-" && isatty(STDOUT_FILENO) == 1
        var options = FlameText.Options()
        options.title = (context.title.isEmpty ? "profile" : context.title) + ", " + context.values.type
        options.sampleTypeIndex = context.values.index
        options.width = width ?? TerminalSize.columns(of: STDOUT_FILENO) ?? 100
        // https://no-color.org: any value but the empty one.
        options.hasColors =
            isTerminal && sprof.text(ofEnvironment: "TERM") != "dumb"
            && (sprof.text(ofEnvironment: "NO_COLOR") ?? "").isEmpty
        return FlameText(context.profile, options: options).render()
    }
}

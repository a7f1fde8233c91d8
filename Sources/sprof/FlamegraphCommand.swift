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
            """)

    @Argument(help: "A profile: any pprof file; - is standard input.")
    var file: String

    @Option(
        help: ArgumentHelp("The values to show first: a name or position of the sample types.", valueName: "type"))
    var sampleIndex = ""

    @Option(name: .shortAndLong, help: ArgumentHelp("Write to this file.", valueName: "file"))
    var output = "-"

    func run() throws {
        do {
            let profile = try ProfileInput.read(file)
            var report = ReportOptions()
            report.sampleIndex = sampleIndex
            let context = try ReportContext(profile, kind: .top, options: report)
            var options = FlamePage.Options()
            options.title = context.title
            // The page shows the program and the type itself; what built it and how is for reports.
            options.header = context.profileLines(in: "minimum").filter { line in
                !["File: ", "Build ID: ", "Type: "].contains { line.hasPrefix($0) }
            }
            options.sampleTypeIndex = context.values.index
            try ProfileFile.write(FlamePage(profile, options: options).render(), to: output)
        } catch {
            Terminal(isQuiet: false).error("\(file): \(error)")
            throw ExitCode(1)
        }
    }
}

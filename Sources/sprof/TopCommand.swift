import ArgumentParser
import Glibc
import Primitives
import ProfileModel
import ProfileReader
import ProfileReport
import ProfileTransform

/// `sprof top`: where the time went, by function.
struct Top: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the functions that a profile spends most in.",
        discussion: """
            flat is what a function used itself, cum what it and all it called used. The table is that of \
            `go tool pprof -top`.
            """)

    @Argument(help: "A profile: any pprof file; - is standard input.")
    var file: String

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Show so many functions.", valueName: "count"))
    var nodecount = 40

    @Flag(name: .long, help: "Sort by cum.")
    var cum = false

    @Option(
        help: ArgumentHelp("The values to show: a name or position of the profile's sample types.", valueName: "type"))
    var sampleIndex: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if nodecount < 0 { throw ValidationError("-n takes a number of functions, or 0 for all.") }
    }

    func run() throws {
        let terminal = Terminal(isQuiet: false)
        do {
            var profile = try read()
            profile.finishNames()
            var options = ReportOptions()
            options.nodeCount = nodecount
            options.sort = cum ? .cum : .flat
            options.sampleIndex = sampleIndex ?? ""
            let report = try TopReport(profile, options: options)
            writeAll(json ? report.json.text + "\n" : report.render(), to: STDOUT_FILENO)
        } catch let error as ValidationError {
            throw error
        } catch {
            terminal.error("\(file): \(error)")
            throw ExitCode(1)
        }
    }

    private func read() throws -> Profile {
        if file == "-" { return try ProfileReader.read(FileDescriptor(owning: dup(STDIN_FILENO))) }
        return try ProfileReader.read(contentsOf: file)
    }
}

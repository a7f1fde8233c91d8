import ArgumentParser
import Glibc
import ProfileConvert
import ProfileModel
import ProfileReader
import ProfileReport
import ProfileWriter

/// `sprof convert`: a profile in another program's format.
struct Convert: ParsableCommand {
    /// The formats that are written.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case folded
        case speedscope
        case json
        case pprof
    }

    static let configuration = CommandConfiguration(
        abstract: "Convert a profile to another format.",
        discussion: """
            folded      a line for each stack, as flamegraph.pl reads it
            speedscope  https://www.speedscope.app
            json        everything in the profile, for scripts
            pprof       profile.proto, compressed
            """)

    @Option(help: ArgumentHelp("The format to write.", valueName: "format"))
    var to: Format

    @Argument(help: "A profile: any pprof file; - is standard input.")
    var file: String

    @Option(
        help: ArgumentHelp("The values to write or to show first: a sample type.", valueName: "type"))
    var sampleIndex = ""

    @Option(name: .shortAndLong, help: ArgumentHelp("Write to this file.", valueName: "file"))
    var output = "-"

    func run() throws {
        let terminal = Terminal(isQuiet: false)
        do {
            let profile = try ProfileInput.read(file)
            var options = ReportOptions()
            options.sampleIndex = sampleIndex
            let context = try ReportContext(profile, kind: .raw, options: options)
            switch to {
            case .folded:
                try TextOutput.write(
                    FoldedStacks.render(profile, sampleTypeIndex: context.values.index), to: output)
            case .speedscope:
                let converted = SpeedscopeFile(
                    profile, name: context.title, sampleTypeIndex: context.values.index,
                    exporter: "sprof@" + Sprof.configuration.version)
                if converted.negativeCount > 0 {
                    terminal.note("\(converted.negativeCount) negative values left out: speedscope shows none")
                }
                try TextOutput.write(converted.bytes, to: output)
            case .json: try TextOutput.write(ProfileJSON.render(profile), to: output)
            case .pprof: try ProfileFile.write(profile, to: output)
            }
        } catch {
            terminal.error("\(file): \(error)")
            throw ExitCode(1)
        }
    }
}

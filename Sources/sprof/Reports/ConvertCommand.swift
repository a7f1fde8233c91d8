import ArgumentParser
import ProfileConvert
import ProfileReport
import ProfileWriter

/// `sprof convert`: a profile in another program's format.
struct Convert: ParsableCommand {
    /// The formats that are written.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case folded
        case speedscope
        case callgrind
        case json
        case pprof
    }

    static let configuration = CommandConfiguration(
        abstract: "Convert a profile to another format.",
        discussion: """
            folded      a line for each stack, as flamegraph.pl reads it
            speedscope  https://www.speedscope.app
            callgrind   KCachegrind
            json        everything in the profile, for scripts
            pprof       profile.proto, compressed
            """)

    @Option(help: ArgumentHelp("The format to write.", valueName: "format"))
    var to: Format

    @Argument(help: "Profiles, which are merged: files, URLs, host:port; - is standard input.")
    var sources: [String]

    @OptionGroup(title: "Report options")
    var report: ReportOptionGroup

    @OptionGroup(title: "Source options")
    var source: SourceOptionGroup

    func validate() throws {
        // Callgrind is a report of pprof's, with its options; the others hold all that the filters leave.
        if to != .callgrind { try report.refuseChoices(without: [], of: "the format \(to.rawValue)") }
    }

    func run() throws {
        let kind: ReportKind = to == .callgrind ? .callgrind : .top
        try SelectedProfile.withContext(kind, report, source.profileSources(sources)) { context in
            let output = report.options.output
            let (profile, index) = (context.profile, context.values.index)
            switch to {
            case .folded:
                try TextOutput.stream(to: output) { write in
                    try FoldedStacks.write(profile, sampleTypeIndex: index, to: write)
                }
            case .speedscope:
                let file = SpeedscopeFile(
                    profile, name: context.title, sampleTypeIndex: index,
                    exporter: "sprof@" + Sprof.configuration.version)
                let negativeCount = try TextOutput.stream(to: output) { write in try file.write(to: write) }
                if negativeCount > 0 {
                    Terminal(isQuiet: false).note("\(negativeCount) negative values left out: speedscope shows none")
                }
            case .callgrind:
                let report = try CallgrindReport(context)
                try TextOutput.stream(to: output) { write in
                    try report.write { piece in
                        try write(unsafe piece.withUnsafeBytes { unsafe Array($0) })
                    }
                }
            case .json:
                try TextOutput.stream(to: output) { write in try ProfileJSON.write(profile, to: write) }
            case .pprof: try ProfileFile.write(profile, to: output.isEmpty ? "-" : output)
            }
        }
    }
}

import ArgumentParser
import PprofCommands
import ProfileFetch

/// A report as a subcommand of sprof.
protocol ReportSubcommand: ParsableCommand {
    /// The name of the report, and of the subcommand.
    static var reportName: String { get }
}

extension ReportSubcommand {
    static var configuration: CommandConfiguration {
        let command = ReportCommand.named(reportName)
        return CommandConfiguration(
            commandName: reportName, abstract: (command?.summary ?? "") + ".",
            discussion: "The report is that of `go tool pprof -\(reportName)`, and so are the options.",
            shouldDisplay: !hiddenReports.contains(reportName))
    }
}

/// Reports that are there under another name, or open programs that few have.
private let hiddenReports: Set<String> = ["text", "eog", "evince", "gv", "kcachegrind"]

/// What tells one report's type from another's.
protocol ReportName {
    static var name: String { get }
}

/// What all reports are made of.
struct ReportInput: ParsableArguments {
    @Argument(help: "Profiles, which are merged: files, URLs, host:port; - is standard input.", completion: .file())
    var sources: [String]

    @Flag(help: "Print JSON, where the report has such a form.")
    var json = false

    @OptionGroup(title: "Report options")
    var report: ReportOptionGroup

    @OptionGroup(title: "Source options")
    var source: SourceOptionGroup

    /// Makes the report called `name`.
    func report(_ name: String, matching expression: String? = nil) throws {
        try ReportRun(name: name, expression: expression, asJSON: json).run(
            options: report.options, sources: source.profileSources(sources))
    }
}

/// A report on whole profiles.
struct WholeReport<Name: ReportName>: ReportSubcommand {
    static var reportName: String { Name.name }

    @OptionGroup var input: ReportInput

    func run() throws {
        try input.report(Name.name)
    }
}

/// A report on what matches an expression.
struct MatchReport<Name: ReportName>: ReportSubcommand {
    static var reportName: String { Name.name }

    @Argument(help: "A regular expression on functions; for machine code also an address.")
    var expression: String

    @OptionGroup var input: ReportInput

    func run() throws {
        try input.report(Name.name, matching: expression)
    }
}

/// All reports, in the order of the help.
enum ReportSubcommands {
    static let all: [any ParsableCommand.Type] = [
        WholeReport<Top>.self, WholeReport<Text>.self, WholeReport<Tree>.self, MatchReport<Peek>.self,
        MatchReport<List>.self, MatchReport<Disasm>.self, MatchReport<Weblist>.self, WholeReport<Traces>.self,
        WholeReport<Tags>.self, WholeReport<Comments>.self, WholeReport<Raw>.self, WholeReport<Dot>.self,
        WholeReport<Svg>.self, WholeReport<Png>.self, WholeReport<Pdf>.self, WholeReport<Gif>.self,
        WholeReport<Ps>.self, WholeReport<Web>.self, WholeReport<Eog>.self, WholeReport<Evince>.self,
        WholeReport<Gv>.self, WholeReport<Callgrind>.self, WholeReport<Kcachegrind>.self, WholeReport<Proto>.self,
        WholeReport<Topproto>.self,
    ]

    enum Top: ReportName { static let name = "top" }
    enum Text: ReportName { static let name = "text" }
    enum Tree: ReportName { static let name = "tree" }
    enum Peek: ReportName { static let name = "peek" }
    enum List: ReportName { static let name = "list" }
    enum Disasm: ReportName { static let name = "disasm" }
    enum Weblist: ReportName { static let name = "weblist" }
    enum Traces: ReportName { static let name = "traces" }
    enum Tags: ReportName { static let name = "tags" }
    enum Comments: ReportName { static let name = "comments" }
    enum Raw: ReportName { static let name = "raw" }
    enum Dot: ReportName { static let name = "dot" }
    enum Svg: ReportName { static let name = "svg" }
    enum Png: ReportName { static let name = "png" }
    enum Pdf: ReportName { static let name = "pdf" }
    enum Gif: ReportName { static let name = "gif" }
    enum Ps: ReportName { static let name = "ps" }
    enum Web: ReportName { static let name = "web" }
    enum Eog: ReportName { static let name = "eog" }
    enum Evince: ReportName { static let name = "evince" }
    enum Gv: ReportName { static let name = "gv" }
    enum Callgrind: ReportName { static let name = "callgrind" }
    enum Kcachegrind: ReportName { static let name = "kcachegrind" }
    enum Proto: ReportName { static let name = "proto" }
    enum Topproto: ReportName { static let name = "topproto" }
}

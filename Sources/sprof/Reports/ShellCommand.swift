import ArgumentParser
import Glibc
import PprofCommands
import ProfileFetch
import ProfileReport
import ProfileShell

/// `sprof shell`: any number of reports on one profile.
struct ShellSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell",
        abstract: "Make reports of a profile by commands, as in go tool pprof.",
        discussion: """
            Commands are read from standard input: echo top | sprof shell cpu.pb.gz. In a terminal, lines can be \
            edited, Tab ends words, and earlier lines are there again. Type help for the commands.
            """)

    @Argument(help: "Profiles, which are merged: files, URLs, host:port.", completion: .file())
    var sources: [String]

    @OptionGroup(title: "Report options")
    var report: ReportOptionGroup

    @OptionGroup(title: "Source options")
    var source: SourceOptionGroup

    func run() throws {
        let terminal = Terminal(isQuiet: false)
        let maker: ReportMaker
        do {
            maker = ReportMaker(try ReportRun.load(source.profileSources(sources), notice: tell))
        } catch {
            terminal.error("\(error)")
            throw ExitCode(1)
        }
        let delivery = ReportDelivery(isInteractive: true, environment: text(ofEnvironment:), notice: tell)
        let hasFailed = ShellRun.run(maker, delivery, options: report.options, plainPrompt: false)
        // In a terminal the user has seen it; a script has only the status.
        if hasFailed, isatty(STDIN_FILENO) == 0 { throw ExitCode(1) }
    }
}

/// The shell with the reader that suits the terminal.
enum ShellRun {
    /// Runs until the user leaves; whether a command failed.
    ///
    /// - Parameter plainPrompt: Whether the prompt is also written where nobody types, as pprof does.
    @discardableResult
    static func run(
        _ maker: ReportMaker, _ delivery: ReportDelivery, options: ReportOptions, plainPrompt: Bool
    ) -> Bool {
        var shell = Shell(maker, delivery: delivery, options: options, notice: tell)
        let prompt = "(pprof) "
        let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
        let kind = text(ofEnvironment: "TERM") ?? ""
        // What runs without a terminal is ended by its signals, as any program.
        if isatty(STDIN_FILENO) == 1 { ShellInterrupts.install() }
        if isTerminal, !kind.isEmpty, kind != "dumb",
            var reader = LibeditReader(
                prompt: prompt, history: ShellHistory(text(ofEnvironment:)), completer: Completer(maker.profile))
        {
            shell.run(&reader)
        } else {
            let shown = plainPrompt || isatty(STDIN_FILENO) == 1 ? prompt : ""
            var reader = PlainLineReader(
                prompt: shown, promptOutput: plainPrompt ? STDOUT_FILENO : STDERR_FILENO)
            shell.run(&reader)
        }
        return shell.hasFailed
    }
}

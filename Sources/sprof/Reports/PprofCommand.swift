import ArgumentParser
import Glibc
import PprofCommands
import ProfileFetch
import ProfileReport
import ProfileShell

/// `sprof pprof`: pprof's own command line, so that `alias pprof='sprof pprof'` is enough.
struct Pprof: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take the arguments of go tool pprof, and do what it does.",
        discussion: "sprof pprof -top -cum cpu.pb.gz; without a report, the shell.")

    @Argument(parsing: .captureForPassthrough, help: "Flags and sources as go tool pprof takes them.")
    var arguments: [String] = []

    func run() throws { throw ExitCode(Self.run(arguments)) }

    /// Does what `arguments` say; the exit status is pprof's: 0, or 2 for anything that went wrong.
    static func run(_ arguments: [String]) -> Int32 {
        do {
            let parsed: PprofArguments
            do throws(PprofArguments.Failure) {
                parsed = try PprofArguments(arguments, isProgram: ProgramFile.isProgram)
            } catch {
                return explain(error)
            }
            for notice in parsed.notices { tell(notice) }
            guard parsed.webAddress.isEmpty else {
                tell(
                    """
                    pprof: -http: sprof has no web interface yet.
                    A page of its own that needs no server: sprof flamegraph FILE > flame.html
                    """)
                return 2
            }
            try perform(parsed)
            return 0
        } catch {
            tell("pprof: \(error)")
            return 2
        }
    }

    private static func perform(_ arguments: PprofArguments) throws {
        var maker = ReportMaker(try ReportRun.load(arguments.sources, notice: tell))
        let isInteractive = arguments.command == nil
        var delivery = ReportDelivery(
            isInteractive: isInteractive, environment: text(ofEnvironment:), notice: tell)
        guard let command = arguments.command else {
            ShellRun.run(maker, delivery, options: arguments.options, plainPrompt: true)
            return
        }
        defer { delivery.removeTemporaryFiles() }
        let body = Result {
            try maker.make(command, expression: arguments.expression, options: arguments.options)
        }
        for notice in maker.notices { tell(notice) }
        try delivery.deliver(body.get(), of: command, output: arguments.options.output)
    }

    /// What to say of arguments that make no command, and the exit status.
    private static func explain(_ failure: PprofArguments.Failure) -> Int32 {
        switch failure {
        case .helpRequested:
            tell(HelpText.usage)
            return 0
        case .flag(let problem):
            tell(problem)
            tell(HelpText.usage)
        case .noSource:
            tell(HelpText.usage)
            tell("pprof: \(failure)")
        case .conflict:
            tell("pprof: \(failure)")
        }
        return 2
    }
}

/// Writes a message, which is no report, to standard error, as a line of its own.
func tell(_ message: String) {
    writeAll(message.hasSuffix("\n") ? message : message + "\n", to: STDERR_FILENO)
}

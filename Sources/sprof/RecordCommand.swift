import ArgumentParser
import Glibc
import PerfSampler
import Primitives
import ProfileWriter
import Recorder

/// `sprof record`: from a target to a finished profile.
struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sample processes and write a finished profile.",
        usage: """
            sprof record [<options>] -p PID[,PID…]
            sprof record [<options>] -- COMMAND [ARG…]
            sprof record [<options>] -t TID | -a | --cgroup PATH
            """,
        discussion: """
            Ctrl-C ends the recording and writes the profile; a second Ctrl-C leaves at once. With COMMAND, its exit \
            status is passed on; 125 means that sprof itself failed, 126 that the command cannot be run, 127 that it \
            was not found. Otherwise sprof exits with 0, or with 1 when it failed.
            """)

    @Option(
        name: .shortAndLong, help: ArgumentHelp("Sample these processes and their children.", valueName: "pid,…"))
    var pid: IDList?

    @Option(name: .shortAndLong, help: ArgumentHelp("Sample these threads only.", valueName: "tid,…"))
    var tid: IDList?

    @Flag(name: .shortAndLong, help: "Sample the whole system.")
    var allProcesses = false

    @Option(help: ArgumentHelp("Sample the processes of a cgroup.", valueName: "path"))
    var cgroup: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Stop after this time: 30s, 500ms, 2m. A command that still runs is ended.", valueName: "time"))
    var duration: DurationArgument?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where the profile goes; - is standard output.", valueName: "file"))
    var output = "profile.pb.gz"

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Events as perf names them, comma-separated or repeated; cpu is the cycle counter, else the CPU clock.",
            valueName: "name"))
    var event: [String] = []

    @Option(
        name: [.customShort("F"), .long],
        help: ArgumentHelp("Samples per second and CPU, or max. (default: 99)", valueName: "hz"))
    var frequency: FrequencyArgument?

    @Option(
        name: [.customShort("c"), .long],
        help: ArgumentHelp("Take a sample every so many events instead (nanoseconds for clocks).", valueName: "n"))
    var count: UInt64?

    @Option(
        help: ArgumentHelp(
            "How stacks are found: dwarf (by unwind tables), fp (by frame pointers), none, or auto, which is dwarf.",
            valueName: "method"))
    var callGraph = CallGraphArgument.auto

    @Option(
        help: ArgumentHelp(
            "Bytes of the stack that each sample copies, up to 65528. (default: by frequency)", valueName: "bytes"))
    var stackSize: ByteCountArgument?

    @Option(
        help: ArgumentHelp(
            "Bytes of the buffer for each CPU. (default: by frequency and stack size)", valueName: "bytes"))
    var ringSize: ByteCountArgument?

    @Flag(help: "Leave out time in the kernel.")
    var userOnly = false

    @Flag(help: "Leave out time in user space.")
    var kernelOnly = false

    @Flag(help: "Leave out the children of the processes.")
    var noChildren = false

    @Option(
        help: ArgumentHelp("More labels for each sample, comma-separated: cpu.", valueName: "names"))
    var labels: String?

    @Flag(help: "Fetch missing debug information from the servers in DEBUGINFOD_URLS.")
    var debuginfod = false

    @Option(
        help: ArgumentHelp(
            "How long finding the names of one file may take; a file that takes longer is named by its symbol table."
                + " (default: 60s)", valueName: "time"))
    var symbolTimeout: DurationArgument?

    @Flag(name: .shortAndLong, help: "Print nothing but errors.")
    var quiet = false

    @Flag(help: "Print the account of the recording as JSON on standard output.")
    var json = false

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("A command to run and sample, with its arguments.", valueName: "command"))
    var command: [String] = []

    func validate() throws {
        let targets = [pid != nil, tid != nil, allProcesses, cgroup != nil, !command.isEmpty].filter { $0 }.count
        guard targets > 0 else {
            throw ValidationError("Nothing to record. Name a process (-p PID) or a command (-- COMMAND).")
        }
        guard targets == 1 else {
            throw ValidationError("Name one target: -p, -t, -a, --cgroup or a command, not several of them.")
        }
        if frequency != nil, count != nil { throw ValidationError("Give either -F or -c, not both.") }
        if count == 0 { throw ValidationError("-c takes a number greater than 0.") }
        if userOnly, kernelOnly { throw ValidationError("--user-only and --kernel-only leave nothing to sample.") }
        if let stackSize, stackSize.bytes < 1024 || stackSize.bytes > 65_528 {
            throw ValidationError("--stack-size takes 1024 to 65528 bytes, the kernel's limit.")
        }
        if let labels, labels.split(separator: ",").contains(where: { $0 != "cpu" }) {
            throw ValidationError("--labels knows cpu; pid, tid, thread and process are always there.")
        }
        if json, output == "-" {
            throw ValidationError("--json and -o - both need standard output; write the profile to a file.")
        }
    }

    func run() throws {
        let terminal = Terminal(isQuiet: quiet)
        let ownFailure = ExitCode(command.isEmpty ? 1 : 125)
        do {
            try ProfileFile.checkWritable(output)
        } catch {
            terminal.error("\(error)")
            throw ownFailure
        }
        StopSignals.install()
        let result: RecordingResult
        do throws(SamplerError) {
            result = try record(terminal)
        } catch {
            terminal.endProgress()
            terminal.error(error.description)
            throw command.isEmpty ? ownFailure : ExitCode(Self.exitStatus(of: error))
        }
        let byteCount: UInt64
        do {
            byteCount = try ProfileFile.write(result.profile, to: output)
        } catch {
            terminal.endProgress()
            terminal.error("\(error)")
            throw ownFailure
        }
        terminal.endProgress()
        report(result, byteCount, terminal)
        if let status = result.command?.shellStatus, status != 0, !result.hasEndedCommand { throw ExitCode(status) }
    }

    private func record(_ terminal: Terminal) throws(SamplerError) -> RecordingResult {
        var recording = try Recording(options)
        var ticker = ProgressTicker(terminal)
        try recording.run(until: { StopSignals.received }, progress: { ticker.show($0) })
        return recording.finish(progress: { ticker.show($0) })
    }

    private func report(_ result: RecordingResult, _ byteCount: UInt64, _ terminal: Terminal) {
        if json {
            writeAll(AccountJSON(result: result, output: output, byteCount: byteCount).text + "\n", to: STDOUT_FILENO)
        }
        if let reason = result.emptyReason { terminal.note("No samples: \(reason)") }
        let text = AccountText(account: result.account)
        terminal.note(text.paragraph(output: output == "-" ? "to standard output" : output, byteCount: byteCount))
        if output != "-", result.emptyReason == nil { terminal.note("Next: sprof top \(output)") }
    }

    /// What timeout(1) exits with in the same case.
    private static func exitStatus(of error: SamplerError) -> Int32 {
        switch error {
        case .commandNotFound: 127
        case .commandNotExecutable: 126
        default: 125
        }
    }

    private var options: RecordingOptions {
        var options = RecordingOptions(target: target)
        if !event.isEmpty { options.events = event.flatMap { $0.split(separator: ",").map(String.init) } }
        if let count {
            options.rate = .period(count)
        } else if let frequency {
            options.rate = frequency.rate
        }
        options.durationNanoseconds = duration?.nanoseconds
        options.stackMethod = callGraph.method
        options.stackByteCount = stackSize?.bytes
        options.ringByteCount = ringSize?.bytes
        options.userOnly = userOnly
        options.kernelOnly = kernelOnly
        options.includesChildren = !noChildren
        options.labelsCPU = labels?.contains("cpu") ?? false
        options.usesDebuginfod = debuginfod
        if let symbolTimeout {
            // In whole seconds, rounded up.
            options.symbolizingSecondsPerFile = Int(clamping: (symbolTimeout.nanoseconds + 999_999_999) / 1_000_000_000)
        }
        options.commandLine = CommandLine.arguments.joined(separator: " ")
        return options
    }

    private var target: RecordingOptions.Target {
        if let pid { return .processes(pid.values.map(ProcessID.init)) }
        if let tid { return .threads(tid.values.map(ThreadID.init)) }
        if let cgroup { return .cgroup(cgroup) }
        return allProcesses ? .system : .command(command)
    }
}

/// Process or thread ids, separated by commas.
struct IDList: ExpressibleByArgument {
    let values: [Int32]

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        values = parts.compactMap { Int32($0) }.filter { $0 > 0 }
        guard !values.isEmpty, values.count == parts.count else { return nil }
    }
}

/// A number of samples per second, or `max`.
struct FrequencyArgument: ExpressibleByArgument {
    let rate: RecordingOptions.Rate

    init?(argument: String) {
        if argument == "max" {
            rate = .maximumFrequency
        } else if let hertz = Int(argument), hertz > 0, hertz <= 1_000_000 {
            rate = .frequency(hertz)
        } else {
            return nil
        }
    }
}

/// How stacks are found, in perf's words.
enum CallGraphArgument: String, ExpressibleByArgument, CaseIterable {
    case auto, fp, dwarf, none

    var method: StackMethod {
        switch self {
        case .auto, .dwarf: .unwindTables
        case .fp: .framePointers
        case .none: .none
        }
    }
}

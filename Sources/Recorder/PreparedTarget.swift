internal import PerfSampler
internal import Primitives

/// What to open events on; of a command, the process that waits to become it.
struct PreparedTarget: ~Copyable {
    let target: SamplingTarget
    /// The command's process.
    let processID: ProcessID?
    private let command: CommandLauncher?

    /// Forks a command's process; everything else is taken as it is named.
    init(_ options: RecordingOptions) throws(SamplerError) {
        if case .command(let arguments) = options.target {
            let launched = try CommandLauncher.launch(arguments)
            target = .command(launched.processID, includeChildren: options.includesChildren)
            processID = launched.processID
            command = consume launched
            return
        }
        command = nil
        processID = nil
        switch options.target {
        case .processes(let processes): target = .processes(processes, includeChildren: options.includesChildren)
        case .threads(let threads): target = .threads(threads)
        case .cgroup(let path): target = .cgroup(path: path)
        case .system, .command: target = .system
        }
    }

    /// Gives the command away, to be started when everything is open.
    consuming func takeCommand() -> CommandLauncher? {
        command
    }
}

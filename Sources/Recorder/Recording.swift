internal import Glibc
public import PerfSampler
internal import Primitives
internal import ProfileModel
internal import StackUnwinder
internal import Symbolizer
internal import TargetFiles

/// One recording, from the opened events to the finished profile.
///
/// ```swift
/// var recording = try Recording(RecordingOptions(target: .processes([pid])))
/// try recording.run(until: { stopSignal }, progress: { _ in })
/// let result = recording.finish(progress: { _ in })
/// ```
public struct Recording: ~Copyable {
    let options: RecordingOptions
    let plan: SamplingPlan
    let events: [SamplingEvent]
    var sampler: Sampler
    var processor: SampleProcessor
    /// The kernel's account of the targets' CPU time; of a command wait4(2) tells it, of the others nobody.
    var accounting: ProcessAccounting?
    var command: CommandLauncher?
    /// The command's process.
    let commandProcess: ProcessID?
    /// How the command ended.
    var commandResult: CommandResult?
    /// The command was ended because the time was over.
    private(set) var hasEndedCommand = false
    /// The processes that had been started when children were looked for last.
    private var accountedForkCount = 0
    var notes: [String] = []

    private(set) var startWallNanoseconds: UInt64 = 0
    private(set) var elapsedNanoseconds: UInt64 = 0
    private(set) var recordingCPUNanoseconds: UInt64 = 0
    private(set) var recordingPeakMemoryBytes: UInt64 = 0
    /// The signal that ended the recording, if one did.
    private var stopSignal: Int32?

    /// How long the loop waits for the kernel at most: the step of the progress line.
    private static let tickNanoseconds: UInt64 = 100_000_000

    /// Opens the events on the target; a command is prepared and not yet started.
    public init(_ options: RecordingOptions) throws(SamplerError) {
        let plan = try SamplingPlan(options)
        let prepared = try PreparedTarget(options)
        // Each program and library of the targets takes one or two; the usual soft limit is 1 024. The command, which is forked,
        // keeps its own.
        FileLimit.raise(to: FileLimit.current)
        sampler = try Sampler(plan.configuration(for: prepared.target))
        self.options = options
        self.plan = plan
        notes = plan.notes
        events = plan.events
        commandProcess = prepared.processID
        command = prepared.takeCommand()
        if case .processes = options.target {
            accounting = ProcessAccounting(sampler.openedTargets, includeChildren: options.includesChildren)
        }
        processor = SampleProcessor(
            eventCount: events.count, stackMethod: options.stackMethod, keepsCPU: options.labelsCPU)
    }

    /// Records until the target has ended, the time is over, or `stop` names a signal that asks for the end.
    public mutating func run(
        until stop: () -> Int32?, progress: (RecordingProgress) -> Void
    ) throws(SamplerError) {
        startWallNanoseconds = Clock.wallNanoseconds
        let start = Clock.monotonicNanoseconds
        if !hasCommand { readTargets() }
        let priority = ReaderPriority()
        defer { priority.restore() }
        sampler.start()
        try command?.go()
        var lastProgress: UInt64 = 0
        var nextAccounting: UInt64 = 0
        while true {
            elapsedNanoseconds = Clock.monotonicNanoseconds - start
            if let signal = stop() {
                stopSignal = signal
                break
            }
            if commandHasEnded() { break }
            var wait = Self.tickNanoseconds
            if let duration = options.durationNanoseconds {
                guard elapsedNanoseconds < duration else { break }
                wait = min(wait, duration - elapsedNanoseconds)
            }
            let outcome = sampler.poll(timeoutMilliseconds: Int32((wait + 999_999) / 1_000_000))
            sampler.drain(into: &processor)
            if outcome == .ended, !hasCommand { break }
            if elapsedNanoseconds >= lastProgress + Self.tickNanoseconds * 5 {
                lastProgress = elapsedNanoseconds
                if elapsedNanoseconds >= nextAccounting { nextAccounting = elapsedNanoseconds + refreshAccounting() }
                progress(
                    .recording(
                        elapsedNanoseconds: elapsedNanoseconds, samples: sampler.statistics.samples,
                        lost: sampler.statistics.lost))
            }
        }
        sampler.stop()
        accounting?.refresh()
        elapsedNanoseconds = Clock.monotonicNanoseconds - start
        sampler.drain(into: &processor, final: true)
        processor.finishDeferred()
        endCommand(after: stopSignal)
        recordingCPUNanoseconds = Self.cpuNanoseconds
        recordingPeakMemoryBytes = ResourceUsage.ofSelf.peakMemoryBytes
    }

    /// Brings the account up to date; how long to wait until it is due again. When processes were started, all of /proc is
    /// looked through for children, which may take a thousandth of the time and no more.
    private mutating func refreshAccounting() -> UInt64 {
        let start = Clock.ownCPUNanoseconds
        accounting?.refresh(findsChildren: processor.forkedProcessCount > accountedForkCount)
        accountedForkCount = processor.forkedProcessCount
        return (Clock.ownCPUNanoseconds - start) * 1_000
    }

    /// What the recorder has used, with the processes that wait for files in its stead.
    static var cpuNanoseconds: UInt64 { Clock.ownCPUNanoseconds + TargetFile.waitingCPUNanoseconds }

    private var hasCommand: Bool { commandProcess != nil }

    private mutating func commandHasEnded() -> Bool {
        guard hasCommand else { return false }
        commandResult = command?.poll()
        return commandResult != nil
    }

    /// Ends a command that outlives its recording: it is asked to end, and given two seconds.
    private mutating func endCommand(after signal: Int32?) {
        guard hasCommand, !commandHasEnded(), let process = commandProcess else { return }
        hasEndedCommand = signal == nil
        // Ctrl-C reached the command already, as it is in sprof's process group.
        if signal != SIGINT { kill(process.value, signal ?? SIGTERM) }
        for attempt in 0..<200 {
            usleep(10_000)
            if commandHasEnded() { return }
            if attempt == 100, signal == SIGINT { kill(process.value, SIGTERM) }
        }
        notes.append("the command (process \(process)) still runs; end it with: kill \(process)")
    }

    /// Reads what is mapped in the processes that were there before.
    private mutating func readTargets() {
        for process in sampler.openedTargets {
            processor.processes.snapshot(process, modules: &processor.modules)
        }
    }
}

import CPerfEvent
import Glibc
public import Primitives

/// What `Sampler.poll` found.
public enum PollOutcome: Sendable, Hashable {
    /// A ring is filling up.
    case ready
    /// The time is over.
    case timeout
    /// A signal arrived.
    case interrupted
    /// All target threads, and everything they started, have ended.
    case ended
}

/// Open events with their rings: from `init` to its end, one recording.
///
/// Unless the target is a command, the kernel follows mappings and new tasks from `init` on, so that nothing is missed
/// while the caller reads /proc; samples count from `start` on. To be used from one thread at a time.
public struct Sampler: ~Copyable {
    /// What was opened and counted so far.
    public internal(set) var statistics: SamplerStatistics
    /// The processes that were found and opened by `init`; empty for the system and cgroups.
    public internal(set) var openedTargets: [ProcessID]
    /// The threads that were opened by `init`.
    public internal(set) var openedThreadCount: Int

    var handles: PerfHandles
    var identifiers: IdentifierTable
    /// Threads opened after they may have inherited an event; see `isDuplicate`.
    var lateThreads: Set<Int32>
    /// Processes whose samples are kept; nil for all. Only for kernels that cannot inherit by threads alone.
    var keptProcesses: Set<Int32>?
    /// The targets of CPU-wide events; nil when events are bound to tasks, and for the system and cgroups.
    var selection: TargetSelection?
    /// The task that ended last on each CPU; see `nameExitedTask`.
    var lastExits: [UInt32: TaskRecord] = [:]
    let layout: RecordLayout
    var startNanoseconds: UInt64
    var lastTime: UInt64 = 0
    private let hasLostCount: Bool
    private let isCommand: Bool
    private let endsWithTarget: Bool
    private var waiting: [pollfd]
    /// Per ring, its events not yet known to have ended; the last is waited for.
    private var candidates: [[Int32]]

    /// Opens the events and maps the rings.
    public init(_ configuration: SamplerConfiguration) throws(SamplerError) {
        var opener = try SamplerOpener(configuration)
        let opened = try opener.open()
        selection = opener.takeSelection()
        statistics = opener.statistics
        openedTargets = opener.processes
        openedThreadCount = opener.openedThreads.count
        identifiers = opener.identifiers
        lateThreads = opener.lateThreads
        keptProcesses = opener.keptProcesses
        layout = configuration.layout
        startNanoseconds = .max
        hasLostCount = opener.features.lostCount
        isCommand = opener.isCommand
        endsWithTarget = opener.isPerTask
        candidates = Array(repeating: [], count: unsafe opened.rings.count)
        // The earliest opened lives longest: it is the main thread's.
        for entry in opened.entries.reversed() where entry.eventIndex == 0 {
            candidates[entry.ring].append(entry.descriptor)
        }
        waiting = candidates.map { pollfd(fd: $0.last ?? -1, events: Int16(POLLIN), revents: 0) }
        handles = opened
        if isCommand { startNanoseconds = 0 }
    }

    /// Samples count from now on. A command's begin with its exec by themselves.
    public mutating func start() {
        if !isCommand { startNanoseconds = Sampler.now() }
    }

    /// Waits until a ring fills up, the targets have ended, or the time is over. To be called again only after `drain`.
    public mutating func poll(timeoutMilliseconds: Int32) -> PollOutcome {
        if selection?.hasEnded() == true { return .ended }
        let ringCount = waiting.count
        if let watched = selection?.pollDescriptors { waiting += watched }
        defer { waiting.removeSubrange(ringCount...) }
        let timeout = selection?.timeout(timeoutMilliseconds) ?? timeoutMilliseconds
        let count = unsafe Glibc.poll(&waiting, nfds_t(waiting.count), timeout)
        if count < 0 { return .interrupted }
        if count == 0 { return .timeout }
        selection?.note(waiting[ringCount...])
        var isReady = false
        for ring in 0..<ringCount {
            let events = Int32(waiting[ring].revents)
            if events & POLLIN != 0 { isReady = true }
            guard events & (POLLHUP | POLLERR) != 0 else { continue }
            if endsWithTarget { moveOn(ring) } else { waiting[ring].fd = -1 }
        }
        if endsWithTarget, waiting[..<ringCount].allSatisfy({ $0.fd < 0 }) { return .ended }
        return isReady ? .ready : .timeout
    }

    /// Looks for an event of `ring` whose task still lives; each event is asked once after its end, so that the cost
    /// over a recording is proportional to the threads.
    private mutating func moveOn(_ ring: Int) {
        while let candidate = candidates[ring].last {
            var one = pollfd(fd: candidate, events: Int16(POLLIN), revents: 0)
            if unsafe Glibc.poll(&one, 1, 0) <= 0 || Int32(one.revents) & (POLLHUP | POLLERR) == 0 { break }
            candidates[ring].removeLast()
        }
        waiting[ring].fd = candidates[ring].last ?? -1
    }

    /// Ends sampling and reads the kernel's count of lost records; what is in the rings stays until drained.
    public mutating func stop() {
        for entry in handles.entries { _ = cperf_disable(entry.descriptor) }
        statistics.unfollowedProcesses = selection?.overflowCount ?? 0
        guard hasLostCount else { return }
        var lost = [UInt64](repeating: 0, count: statistics.events.count)
        for entry in handles.entries {
            var count = cperf_count()
            let size = MemoryLayout<cperf_count>.size
            if unsafe read(entry.descriptor, &count, size) == size { lost[entry.eventIndex] &+= count.lost }
        }
        for index in lost.indices { statistics.events[index].countedLost = lost[index] }
    }

    /// CLOCK_MONOTONIC in nanoseconds, the clock of all records.
    public static func now() -> UInt64 { Clock.monotonicNanoseconds }
}

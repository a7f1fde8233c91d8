import CPerfEvent
import Glibc
import Primitives

/// The targets of CPU-wide events: the kernel's filter, our own knowledge of whose records are whose, and the watch for the
/// targets' end, of which CPU-wide events say nothing.
struct TargetSelection: ~Copyable {
    private let filter: TaskFilter
    private(set) var followed: FollowedTasks
    /// A process that is waited for, and its pidfd_open(2).
    private struct Watched {
        let process: Int32
        let descriptor: Int32
    }

    private var watched: [Watched] = []
    /// The roots have ended and what they had written since has been read.
    private var hasSettled = false

    /// Selects nothing yet.
    init(_ rule: FollowedTasks.Rule, cpu: Int32) throws(SystemError) {
        filter = try TaskFilter(
            rule == .threads ? .threads : .processes, followsChildren: rule == .processTrees, cpu: cpu)
        followed = FollowedTasks(rule: rule)
    }

    deinit {
        watched.forEach { close($0.descriptor) }
    }

    /// Puts the kernel's filter on an event.
    func attach(to event: Int32) throws(SystemError) {
        try filter.attach(to: event)
    }

    /// Lets the kernel take samples of `process`, and of what it starts from now on if that is the rule.
    func admit(process: Int32) throws(SamplerError) {
        do { try filter.admit(process) } catch { throw .system(error) }
    }

    /// Keeps the side records of `process`; with `isAwaited`, from its exec on.
    mutating func follow(_ process: ProcessID, isAwaited: Bool = false) {
        followed.add(process: process.value, isAwaited: isAwaited)
    }

    /// Lets the kernel take samples of `thread`, and keeps the side records of its process.
    mutating func admit(thread: Int32, of process: Int32) throws(SamplerError) {
        do { try filter.admit(thread) } catch { throw .system(error) }
        followed.add(thread: thread, of: process)
    }

    /// Waits for the end of these processes from now on. Fails where the kernel cannot (before Linux 5.3) or has no
    /// descriptor left.
    mutating func watch(_ processes: [ProcessID]) throws(SystemError) {
        guard followed.rule != .threads else { return }
        for process in processes {
            let descriptor = cperf_open_process(process.value)
            if descriptor >= 0 {
                watched.append(Watched(process: process.value, descriptor: descriptor))
            } else if errno != ESRCH {
                throw .last("pidfd_open")
            }
        }
    }

    /// Processes that could not be followed.
    var overflowCount: UInt64 { filter.overflowCount }

    // MARK: Records

    func keepsSample(process: Int32, thread: Int32) -> Bool {
        followed.keepsSample(process: process, thread: thread)
    }

    /// Whether mappings and names of `process` are kept. Most records are strangers' on a busy machine, so that this is
    /// asked before they are decoded; with `isComplete` no record has been lost yet.
    mutating func keeps(process: Int32, isComplete: Bool) -> Bool {
        if followed.contains(process: process) { return true }
        // The record of its fork may be lost; the kernel's own list knows.
        guard !isComplete, followed.rule == .processTrees, process != followed.awaitedCommand, filter.admits(process)
        else {
            return false
        }
        followed.add(process: process)
        return true
    }

    /// Takes note that `process` called exec.
    mutating func execute(process: Int32) {
        followed.execute(process: process)
    }

    mutating func keepsFork(_ record: TaskRecord) -> Bool {
        followed.fork(process: record.processID.value, from: record.parentProcessID.value)
    }

    mutating func keepsExit(_ record: TaskRecord) -> Bool {
        followed.exit(process: record.processID.value, thread: record.threadID.value)
    }

    // MARK: The end

    /// What to poll beside the rings.
    var pollDescriptors: [pollfd] { watched.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) } }

    /// Takes the answers to `pollDescriptors`.
    mutating func note(_ answers: ArraySlice<pollfd>) {
        for answer in answers where answer.revents != 0 {
            watched.removeAll { $0.descriptor == answer.fd }
            close(answer.fd)
        }
    }

    /// How long a poll may wait: not long when the roots have just ended, as their last records may name children.
    func timeout(_ wanted: Int32) -> Int32 {
        watched.isEmpty && !hasSettled && followed.rule != .threads ? min(wanted, 5) : wanted
    }

    /// Whether everything has ended. Asked after the records that were there at the last poll have been read.
    mutating func hasEnded() -> Bool {
        forgetEnded()
        if followed.rule == .threads { return !followed.threads.keys.contains { kill($0, 0) == 0 || errno != ESRCH } }
        guard watched.isEmpty else { return false }
        guard hasSettled else {
            hasSettled = true
            return false
        }
        // One of those that live on is as good as all: the next is looked for when it has ended.
        for process in followed.processes where followed.rule == .processes || filter.admits(process) {
            let descriptor = cperf_open_process(process)
            guard descriptor >= 0 else {
                if errno == ESRCH { continue }
                return false
            }
            var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if unsafe Glibc.poll(&state, 1, 0) == 0 {
                watched.append(Watched(process: process, descriptor: descriptor))
                return false
            }
            close(descriptor)
        }
        return true
    }

    /// The kernel's list loses a process when its number is free; without children nobody keeps that list.
    private mutating func forgetEnded() {
        switch followed.rule {
        case .processTrees: followed.forgetEnded { !filter.admits($0) }
        case .processes: followed.forgetEnded { process in !watched.contains { $0.process == process } }
        case .threads: break
        }
    }
}

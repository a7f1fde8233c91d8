/// Which records of CPU-wide events belong to the targets: samples are filtered by the kernel, but mappings, names, forks
/// and exits come from every process of the machine.
///
/// Kept by the records themselves, in their order of time.
struct FollowedTasks {
    /// Whom to follow.
    enum Rule: Hashable {
        /// Processes and all that they start.
        case processTrees
        /// These processes with all their threads.
        case processes
        /// These threads.
        case threads
    }

    let rule: Rule
    /// The processes whose side records are kept, with the number of their threads that live.
    private(set) var processes: [Int32: Int] = [:]
    /// With `Rule.threads`, those that have not ended.
    private(set) var threads = Set<Int32>()
    /// A command that has not called exec yet: until then it is a copy of sprof.
    private(set) var awaitedCommand: Int32?

    /// Follows nothing yet.
    init(rule: Rule) {
        self.rule = rule
    }

    /// Adds a process that runs; with `isAwaited` it counts from its exec on.
    mutating func add(process: Int32, threadCount: Int, isAwaited: Bool = false) {
        processes[process] = max(1, threadCount)
        if isAwaited { awaitedCommand = process }
    }

    /// Adds a thread and the side records of its process.
    mutating func add(thread: Int32, of process: Int32) {
        threads.insert(thread)
        processes[process, default: 0] += 1
    }

    /// Whether a sample that the kernel let through is the targets'. O(1); for process trees, the usual case, no lookup.
    func keepsSample(process: Int32, thread: Int32) -> Bool {
        switch rule {
        case .processTrees: return process != awaitedCommand
        // A number may have been given to a stranger when its bearer had ended.
        case .processes: return process != awaitedCommand && processes[process] != nil
        case .threads: return threads.contains(thread)
        }
    }

    /// Whether the side records of `process` are kept.
    func contains(process: Int32) -> Bool {
        process != awaitedCommand && processes[process] != nil
    }

    /// Takes note that a process called exec.
    mutating func execute(process: Int32) {
        if process == awaitedCommand { awaitedCommand = nil }
    }

    /// Takes note of a new thread or process; whether its record is kept.
    mutating func fork(process: Int32, from parent: Int32) -> Bool {
        guard contains(process: parent) else { return false }
        if process == parent {
            if rule != .threads { processes[process, default: 0] += 1 }
            return true
        }
        guard rule == .processTrees else { return false }
        processes[process] = 1
        return true
    }

    /// Takes note of the end of a thread; whether its record is kept.
    mutating func exit(process: Int32, thread: Int32) -> Bool {
        guard let count = processes[process] else { return false }
        // The mappings of a process are of interest as long as one of our threads runs in it.
        if rule == .threads, threads.remove(thread) == nil { return true }
        processes[process] = count > 1 ? count - 1 : nil
        return true
    }
}

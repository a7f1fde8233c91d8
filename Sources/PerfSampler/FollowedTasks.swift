/// Which records of CPU-wide events belong to the targets: samples are filtered by the kernel, but mappings, names, forks
/// and exits come from every process of the machine.
///
/// Kept by the records themselves, in their order of time. Threads are not counted: how many there were at the first record
/// nobody can tell.
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
    /// The processes whose side records are kept.
    private(set) var processes = Set<Int32>()
    /// With `Rule.threads`, those that have not ended, with their processes.
    private(set) var threads: [Int32: Int32] = [:]
    /// The processes whose main thread has ended lately: usually all of the process.
    private var ending = Set<Int32>()
    /// Those that were so before the last look at them.
    private var endingLong = Set<Int32>()
    /// A command that has not called exec yet: until then it is a copy of sprof.
    private(set) var awaitedCommand: Int32?

    /// Follows nothing yet.
    init(rule: Rule) {
        self.rule = rule
    }

    /// Adds a process that runs; with `isAwaited` it counts from its exec on.
    mutating func add(process: Int32, isAwaited: Bool = false) {
        processes.insert(process)
        if isAwaited { awaitedCommand = process }
    }

    /// Adds a thread and the side records of its process.
    mutating func add(thread: Int32, of process: Int32) {
        threads[thread] = process
        processes.insert(process)
    }

    /// Whether a sample that the kernel let through is the targets'. O(1); for process trees, the usual case, no lookup.
    func keepsSample(process: Int32, thread: Int32) -> Bool {
        switch rule {
        case .processTrees: return process != awaitedCommand
        // A number may have been given to a stranger when its bearer had ended.
        case .processes: return process != awaitedCommand && processes.contains(process)
        case .threads: return threads[thread] != nil
        }
    }

    /// Whether the side records of `process` are kept.
    func contains(process: Int32) -> Bool {
        process != awaitedCommand && processes.contains(process)
    }

    /// Takes note that a process called exec.
    mutating func execute(process: Int32) {
        if process == awaitedCommand { awaitedCommand = nil }
    }

    /// Takes note of a new thread or process; whether its record is kept.
    mutating func fork(process: Int32, from parent: Int32) -> Bool {
        guard contains(process: parent) else { return false }
        if process == parent { return true }
        guard rule == .processTrees else { return false }
        processes.insert(process)
        return true
    }

    /// Takes note of the end of a thread; whether its record is kept.
    mutating func exit(process: Int32, thread: Int32) -> Bool {
        guard processes.contains(process) else { return false }
        if rule == .threads {
            // The mappings of a process are of interest as long as one of our threads runs in it.
            if threads.removeValue(forKey: thread) != nil, !threads.values.contains(process) {
                processes.remove(process)
            }
        } else if thread == process {
            ending.insert(process)
        }
        return true
    }

    /// Stops following processes that have ended: their numbers can be given to strangers. Those whose main thread has ended
    /// are asked about, when the records of their other threads have had the time of a look to come.
    mutating func forgetEnded(_ hasEnded: (Int32) -> Bool) {
        if ending.isEmpty, endingLong.isEmpty { return }
        // One that nobody waits for is asked about again and again; of very many, some may be followed for ever.
        let limit = 1_024
        for process in endingLong {
            if hasEnded(process) {
                processes.remove(process)
            } else if ending.count < limit {
                ending.insert(process)
            }
        }
        (endingLong, ending) = (ending, [])
    }
}

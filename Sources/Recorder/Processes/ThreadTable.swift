internal import Primitives

/// What the profile says of the thread that a sample came from.
struct ThreadLabels: Hashable {
    var process: ProcessID
    var thread: ThreadID
    /// The thread's own name.
    var threadName: String
    /// The name of its process: that of the main thread.
    var processName: String
}

/// The threads of the recording and the labels of their samples.
///
/// A thread that is renamed, or whose process executes another program, gets new labels; samples before keep the old. Labels
/// are made when a sample needs them: a program may rename its threads as often as it likes.
struct ThreadTable: ~Copyable {
    /// Every combination of labels that a sample has; `StackTable.Entry.labels` points here.
    private(set) var labels: [ThreadLabels] = []
    private var numberByLabels: [ThreadLabels: UInt32] = [:]

    private struct Thread {
        var process: ProcessID
        /// Where its process is in `processes`.
        var processIndex: Int
        var name: String
        /// The number of its labels, made when its process was named for the `version`th time; −1 before there are any.
        var number: Int64 = -1
        var version = 0
    }

    private struct Process {
        var name: String?
        /// Counts its names.
        var version = 0
    }

    private var threads: [Thread] = []
    private var threadIndex = IDTable()
    private var processes: [Process] = []
    private var processIndex = IDTable()

    /// The number of the labels of `thread`; nil if it is not known yet. O(1), allocates nothing unless a name is new.
    mutating func labels(of thread: ThreadID, in process: ProcessID) -> UInt32? {
        guard let index = threadIndex[thread.value], threads[index].process == process else { return nil }
        if threads[index].number >= 0, threads[index].version == processes[threads[index].processIndex].version {
            return UInt32(truncatingIfNeeded: threads[index].number)
        }
        return makeLabels(thread, index)
    }

    /// Takes in a thread that was there before the recording, by the name that /proc tells.
    mutating func adopt(_ thread: ThreadID, in process: ProcessID) -> UInt32 {
        // pid 0 is the idle task, which has no entry in /proc.
        if process.value == 0 { return name(thread, in: process, "swapper") }
        if process.value < 0 { return name(thread, in: process, "[exited]") }
        let known = index(of: process)
        if processes[known].name == nil {
            processes[known].name = text(ofSmallFile: "/proc/\(process)/comm") ?? "[\(process)]"
        }
        let threadName = text(ofSmallFile: "/proc/\(process)/task/\(thread)/comm")
        return name(thread, in: process, threadName ?? processes[known].name ?? "[\(thread)]")
    }

    /// Lets `thread` be called `name` from now on and gives the number of its labels. Of a main thread this is the name
    /// of the process too.
    private mutating func name(_ thread: ThreadID, in process: ProcessID, _ name: String) -> UInt32 {
        makeLabels(thread, set(thread, process, name))
    }

    /// Lets `thread` be called `name` from now on. Of a main thread this is the name of the process too. O(1).
    mutating func rename(_ thread: ThreadID, in process: ProcessID, _ name: String) {
        _ = set(thread, process, name)
    }

    /// Makes `thread`, new in `process`, bear the name of the thread `parent` that made it.
    mutating func inherit(_ thread: ThreadID, in process: ProcessID, from parent: ThreadID, in parentProcess: ProcessID)
    {
        guard let parentIndex = threadIndex[parent.value], threads[parentIndex].process == parentProcess else { return }
        rename(thread, in: process, threads[parentIndex].name)
    }

    private mutating func setName(of process: ProcessID, _ name: String) {
        let index = index(of: process)
        guard processes[index].name != name else { return }
        processes[index].name = name
        processes[index].version += 1
    }

    private mutating func index(of process: ProcessID) -> Int {
        if let known = processIndex[process.value] { return known }
        processIndex.set(process.value, to: processes.count)
        processes.append(Process())
        return processes.count - 1
    }

    /// Where the thread is in `threads`.
    private mutating func set(_ thread: ThreadID, _ process: ProcessID, _ name: String) -> Int {
        if thread.value == process.value { setName(of: process, name) }
        let new = Thread(process: process, processIndex: index(of: process), name: name)
        guard let known = threadIndex[thread.value] else {
            threadIndex.set(thread.value, to: threads.count)
            threads.append(new)
            return threads.count - 1
        }
        if threads[known].process != process || threads[known].name != name { threads[known] = new }
        return known
    }

    /// The number of the labels that the thread at `index` has now.
    private mutating func makeLabels(_ thread: ThreadID, _ index: Int) -> UInt32 {
        let known = threads[index]
        let process = processes[known.processIndex]
        let new = ThreadLabels(
            process: known.process, thread: thread, threadName: known.name, processName: process.name ?? known.name)
        var number = UInt32(truncatingIfNeeded: labels.count)
        if let old = numberByLabels[new] {
            number = old
        } else {
            labels.append(new)
            numberByLabels[new] = number
        }
        threads[index].number = Int64(number)
        threads[index].version = process.version
        return number
    }
}

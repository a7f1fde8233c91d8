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
/// A thread that is renamed, or whose process executes another program, gets new labels; samples before keep the old.
struct ThreadTable: ~Copyable {
    /// Every combination of labels that was in use; `StackTable.Entry.labels` points here.
    private(set) var labels: [ThreadLabels] = []
    private var numberByLabels: [ThreadLabels: UInt32] = [:]
    private var current: [UInt32] = []
    private var processOfThread: [ProcessID] = []
    private var index = IDTable()
    private var processNames: [ProcessID: String] = [:]

    /// The number of the labels of `thread`; nil if it is not known yet. O(1), allocates nothing.
    func labels(of thread: ThreadID, in process: ProcessID) -> UInt32? {
        guard let index = index[thread.value], processOfThread[index] == process else { return nil }
        return current[index]
    }

    /// Takes in a thread that was there before the recording, by the name that /proc tells.
    mutating func adopt(_ thread: ThreadID, in process: ProcessID) -> UInt32 {
        // pid 0 is the idle task, which has no entry in /proc.
        if process.value == 0 { return name(thread, in: process, "swapper") }
        if process.value < 0 { return name(thread, in: process, "[exited]") }
        if processNames[process] == nil {
            processNames[process] = text(ofSmallFile: "/proc/\(process)/comm") ?? "[\(process)]"
        }
        let threadName = text(ofSmallFile: "/proc/\(process)/task/\(thread)/comm")
        return name(thread, in: process, threadName ?? processNames[process] ?? "[\(thread)]")
    }

    /// Lets `thread` be called `name` from now on and gives the number of its labels. Of a main thread this is the name
    /// of the process too.
    @discardableResult
    mutating func name(_ thread: ThreadID, in process: ProcessID, _ name: String) -> UInt32 {
        if thread.value == process.value, processNames[process] != name {
            processNames[process] = name
            relabelThreads(of: process)
        }
        return setLabels(thread, process, name)
    }

    /// Makes `thread`, new in `process`, bear the name of the thread `parent` that made it.
    mutating func inherit(_ thread: ThreadID, in process: ProcessID, from parent: ThreadID, in parentProcess: ProcessID)
    {
        guard let number = labels(of: parent, in: parentProcess) else { return }
        let parentLabels = labels[Int(number)]
        if thread.value == process.value { processNames[process] = parentLabels.threadName }
        setLabels(thread, process, parentLabels.threadName)
    }

    @discardableResult
    private mutating func setLabels(_ thread: ThreadID, _ process: ProcessID, _ name: String) -> UInt32 {
        let number = self.number(
            of: ThreadLabels(
                process: process, thread: thread, threadName: name, processName: processNames[process] ?? name))
        if let known = index[thread.value] {
            current[known] = number
            processOfThread[known] = process
        } else {
            index.set(thread.value, to: current.count)
            current.append(number)
            processOfThread.append(process)
        }
        return number
    }

    private mutating func relabelThreads(of process: ProcessID) {
        for index in current.indices where processOfThread[index] == process {
            let old = labels[Int(current[index])]
            // The main thread's own name changes too, which is for the caller.
            if old.thread.value == process.value { continue }
            current[index] = number(
                of: ThreadLabels(
                    process: process, thread: old.thread, threadName: old.threadName,
                    processName: processNames[process] ?? old.processName))
        }
    }

    private mutating func number(of new: ThreadLabels) -> UInt32 {
        if let number = numberByLabels[new] { return number }
        let number = UInt32(labels.count)
        labels.append(new)
        numberByLabels[new] = number
        return number
    }
}

import Glibc
import Primitives

extension TargetSelection {
    /// What a target consisted of when it was admitted.
    struct Admitted {
        var processes: [ProcessID] = []
        var threads = Set<Int32>()
    }

    /// Lets the kernel take samples of all that belongs to `target`. The events must count already, so that the records of
    /// what starts meanwhile are in the rings.
    mutating func admit(_ target: SamplingTarget) throws(SamplerError) -> Admitted {
        var admitted = Admitted()
        switch target {
        case .processes(let roots, let includeChildren):
            for root in roots where kill(root.value, 0) != 0 && errno == ESRCH { throw .noSuchProcess(root) }
            try admitProcesses(roots, includeChildren: includeChildren, into: &admitted)
        case .threads(let threads):
            var processes = Set<ProcessID>()
            for thread in threads {
                guard let process = PerfCapabilities.threadGroup(of: thread.value) else { throw .noSuchThread(thread) }
                try admit(thread: thread.value, of: process)
                admitted.threads.insert(thread.value)
                processes.insert(ProcessID(process))
            }
            admitted.processes = processes.sorted()
        case .command(let process, _):
            try admit(process: process.value)
            follow(process, isAwaited: true)
            admitted = Admitted(processes: [process], threads: [process.value])
        case .system, .cgroup:
            break
        }
        do { try watch(admitted.processes) } catch { throw .system(error) }
        return admitted
    }

    /// Admits `roots` until a look at /proc finds no process that is not admitted: children that one had before it was
    /// admitted are found there, those that it makes afterwards the kernel admits by itself.
    private mutating func admitProcesses(
        _ roots: [ProcessID], includeChildren: Bool, into admitted: inout Admitted
    ) throws(SamplerError) {
        var known = Set<ProcessID>()
        while true {
            let found = includeChildren ? ProcessTree.withDescendants(roots) : roots
            let new = found.filter { known.insert($0).inserted }
            if new.isEmpty { break }
            for process in new {
                try admit(process: process.value)
                follow(process)
                admitted.threads.formUnion(ProcessTree.threads(of: process).map(\.value))
            }
            admitted.processes += new
        }
    }
}

import Glibc
import Primitives

extension PermissionProblem {
    /// Why opening an event on `target` failed with `code` (EACCES, EPERM or ENOSYS) even without the kernel, or of the kernel
    /// alone if not `wantsUser`.
    ///
    /// The rules are those of perf_event_open(2) and of `ptrace_may_access` with PTRACE_MODE_READ_REALCREDS.
    static func diagnose(
        code: Int32, event: SamplingEvent, wantsUser: Bool, target: SamplingTarget, task: Int32
    ) -> PermissionProblem {
        let paranoid = PerfCapabilities.integer("/proc/sys/kernel/perf_event_paranoid") ?? 2
        let selfCode = EventProbe.open(EventProbe.simplest)
        if selfCode != 0 {
            if PerfCapabilities.status("Seccomp").flatMap({ Int($0) }) == 2, selfCode == EPERM || selfCode == ENOSYS {
                return .seccomp
            }
            // Debian's and Android's kernels add levels 3 and 4 that forbid all of it.
            if paranoid > 2 { return .paranoid(level: paranoid, needed: 2) }
            return .other(SystemError(code: selfCode, operation: "perf_event_open"))
        }
        switch target {
        case .system, .cgroup:
            if paranoid > 0 { return .paranoid(level: paranoid, needed: 0) }
        case .processes, .threads, .command:
            if event.type == PerfType.tracepoint, paranoid > -1 { return .paranoid(level: paranoid, needed: -1) }
            if !wantsUser, paranoid > 1 { return .paranoid(level: paranoid, needed: 1) }
            let process = PerfCapabilities.threadGroup(of: task) ?? task
            var status = stat()
            if unsafe stat("/proc/\(process)", &status) == 0 {
                // The folder of a protected process belongs to root whoever runs it: proc_pid(5).
                let owner = PerfCapabilities.status("Uid", of: process)?.split(separator: "\t").first
                if owner.flatMap({ UInt32($0) }) != getuid() { return .otherUser(ProcessID(process)) }
                return .notDumpable(ProcessID(process))
            }
        }
        return .other(SystemError(code: code, operation: "perf_event_open for \(event.name)"))
    }
}

import Glibc
public import Primitives

/// Why the kernel does not let us sample, and so what helps.
public enum PermissionProblem: Hashable, Sendable {
    /// `kernel.perf_event_paranoid` is above what this target needs.
    case paranoid(level: Int, needed: Int)
    /// The process belongs to another user.
    case otherUser(ProcessID)
    /// The process is ours but protected: set-user-ID, changed capabilities, or PR_SET_DUMPABLE 0.
    case notDumpable(ProcessID)
    /// A seccomp filter, as in containers, refuses perf_event_open altogether.
    case seccomp
    /// The tracepoint's description cannot be read.
    case tracepointFiles(path: String)
    /// Anything else.
    case other(SystemError)
}

/// Why sampling could not begin.
public enum SamplerError: Error, Hashable, Sendable, CustomStringConvertible {
    case noSuchProcess(ProcessID)
    case noSuchThread(ThreadID)
    /// Every target ended while it was being attached to.
    case targetExited
    case permission(PermissionProblem)
    /// More descriptors are needed than the hard limit allows.
    case tooManyFiles(needed: Int, limit: Int)
    /// The rings need more locked memory than this user may have.
    case lockedMemory(neededKilobytesPerCPU: Int, limitKilobytesPerCPU: Int)
    /// No event has that name.
    case unknownEvent(name: String, similar: [String])
    /// The event exists but not on this machine.
    case eventUnavailable(name: String, SystemError)
    /// The cgroup could not be opened.
    case cgroup(path: String, SystemError)
    /// The command is not to be found (exit status 127 by convention).
    case commandNotFound(String)
    /// The command is not executable (exit status 126 by convention).
    case commandNotExecutable(String, SystemError)
    /// The configuration or the kernel rules it out.
    case unsupported(String)
    case system(SystemError)

    /// What happened and what to do about it, with the exact command.
    public var description: String {
        switch self {
        case .noSuchProcess(let process):
            "no process \(process): it has ended, or it is in another pid namespace"
        case .noSuchThread(let thread):
            "no thread \(thread): it has ended, or it is in another pid namespace"
        case .targetExited:
            "the target ended before it could be sampled"
        case .permission(let problem):
            problem.text
        case .tooManyFiles(let needed, let limit):
            "sampling this target needs \(needed) open files, the limit is \(limit); raise it with: ulimit -n \(needed)"
        case .lockedMemory(let needed, let limit):
            """
            the sample buffers need \(needed) KiB of locked memory per CPU, the limit is \(limit) KiB; \
            raise it with: sudo sysctl kernel.perf_event_mlock_kb=\(needed) (or ulimit -l unlimited)
            """
        case .unknownEvent(let name, let similar):
            "unknown event \"\(name)\"" + (similar.isEmpty ? "" : "; did you mean " + similar.joined(separator: ", "))
        case .eventUnavailable(let name, let error):
            "the event \"\(name)\" is not available on this machine (\(error)); try the event cpu-clock"
        case .cgroup(let path, let error):
            "cannot sample the cgroup \(path): \(error); it must be in cgroup v2 or in the perf_event hierarchy of v1"
        case .commandNotFound(let name):
            "\(name): command not found"
        case .commandNotExecutable(let name, let error):
            "cannot run \(name): \(error)"
        case .unsupported(let what):
            what
        case .system(let error):
            error.description + Self.advice(on: error.code)
        }
    }
}

extension SamplerError {
    /// What raises the limit that a system call ran into.
    fileprivate static func advice(on code: Int32) -> String {
        switch code {
        case EMFILE: "; raise the limit of open files with: ulimit -n 4096"
        case ENFILE: "; raise the system's limit of open files with: sudo sysctl fs.file-max=1000000"
        case EAGAIN: "; raise the limit of processes with: ulimit -u unlimited"
        case ENOMEM: "; there is not enough memory"
        default: ""
        }
    }
}

extension PermissionProblem {
    fileprivate var text: String {
        switch self {
        case .paranoid(let level, let needed):
            """
            the kernel forbids this (kernel.perf_event_paranoid is \(level), \(needed) or less is needed); allow it with: \
            sudo sysctl kernel.perf_event_paranoid=\(needed), or for sprof alone: \
            sudo setcap cap_perfmon,cap_sys_ptrace,cap_syslog=ep "$(command -v sprof)"
            """
        case .otherUser(let process):
            "process \(process) belongs to another user; run sprof as that user or as root: sudo sprof …"
        case .notDumpable(let process):
            """
            process \(process) is protected against inspection (set-user-ID, file capabilities or PR_SET_DUMPABLE); \
            run sprof as root: sudo sprof …
            """
        case .seccomp:
            """
            a seccomp filter forbids perf_event_open, as containers do by default; start the container with: \
            --cap-add PERFMON --security-opt seccomp=unconfined
            """
        case .tracepointFiles(let path):
            "cannot read \(path); run as root: sudo sprof …"
        case .other(let error):
            "the kernel forbids this: \(error)"
        }
    }
}

import CPerfEvent
import Glibc
public import Primitives

/// How a command ended and what it used.
public struct CommandResult: Sendable, Hashable {
    /// The exit status; nil if a signal ended it, or nobody knows.
    public var exitStatus: Int32?
    /// The signal that ended it; nil if it exited, or nobody knows.
    public var signal: Int32?
    /// CPU time in user space, of it and the children that it waited for.
    public var userNanoseconds: UInt64
    /// CPU time in the kernel, likewise.
    public var systemNanoseconds: UInt64
    /// The largest resident set, in bytes.
    public var peakResidentByteCount: UInt64

    /// The status that a shell would report: 128 + signal for a signal; 1 if nobody knows.
    public var shellStatus: Int32 { exitStatus ?? signal.map { 128 + $0 } ?? 1 }
}

/// A command that has been forked but waits before exec, so that events can be opened on it first.
///
/// If it is dropped before `go`, the child ends; after `go` it runs on.
public struct CommandLauncher: ~Copyable {
    /// The child.
    public let processID: ProcessID
    private let name: String
    private var child: cperf_child
    private var result: CommandResult?

    /// Forks a child that will run `arguments[0]`, looked up in PATH, with its arguments.
    public static func launch(_ arguments: [String]) throws(SamplerError) -> CommandLauncher {
        guard let name = arguments.first else { throw .unsupported("no command to run") }
        var child = cperf_child()
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        defer { unsafe pointers.forEach { unsafe free($0) } }
        guard unsafe cperf_launch(pointers, &child) == 0 else { throw .system(.last("fork")) }
        return CommandLauncher(name: name, child: child)
    }

    private init(name: String, child: cperf_child) {
        self.name = name
        self.child = child
        processID = ProcessID(child.pid)
    }

    deinit {
        guard child.start_descriptor >= 0 else { return }
        // The child sees the end of its pipe and exits.
        close(child.start_descriptor)
        close(child.error_descriptor)
        if result == nil { _ = retryOnInterrupt { waitpid(child.pid, nil, 0) } }
    }

    /// Lets the child call exec; returns when it runs the program.
    public mutating func go() throws(SamplerError) {
        guard child.start_descriptor >= 0 else { return }
        let code = unsafe cperf_launch_start(&child)
        guard code != 0 else { return }
        _ = wait()
        // ENOTDIR: a part of the path is a file, which to a shell is "not found" as well.
        if code == ENOENT || code == ENOTDIR { throw .commandNotFound(name) }
        throw .commandNotExecutable(name, SystemError(code: code, operation: "exec"))
    }

    /// Waits for the end of the command; nil if a signal handler of ours ran first.
    public mutating func wait() -> CommandResult? {
        collect(options: 0)
    }

    /// How the command ended; nil while it runs.
    public mutating func poll() -> CommandResult? {
        collect(options: WNOHANG)
    }

    private mutating func collect(options: Int32) -> CommandResult? {
        if let result { return result }
        var status: Int32 = 0
        var usage = rusage()
        guard unsafe wait4(child.pid, &status, options, &usage) == child.pid else {
            // Where SIGCHLD is ignored, the kernel has forgotten it already: wait4(2).
            guard errno == ECHILD else { return nil }
            let unknown = CommandResult(
                exitStatus: nil, signal: nil, userNanoseconds: 0, systemNanoseconds: 0, peakResidentByteCount: 0)
            result = unknown
            return unknown
        }
        // WIFEXITED and WTERMSIG of wait(2), which Swift does not import.
        let signal = status & 0x7f
        let result = CommandResult(
            exitStatus: signal == 0 ? (status >> 8) & 0xff : nil, signal: signal == 0 ? nil : signal,
            userNanoseconds: CommandLauncher.nanoseconds(usage.ru_utime),
            systemNanoseconds: CommandLauncher.nanoseconds(usage.ru_stime),
            peakResidentByteCount: UInt64(max(0, usage.ru_maxrss)) << 10)
        self.result = result
        return result
    }

    private static func nanoseconds(_ time: timeval) -> UInt64 {
        UInt64(max(0, time.tv_sec)) &* 1_000_000_000 &+ UInt64(max(0, time.tv_usec)) &* 1_000
    }
}

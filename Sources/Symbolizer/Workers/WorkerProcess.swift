internal import Glibc
internal import Primitives

/// A running worker process and our end of its socket; killed and reaped when its owner lets it go.
final class WorkerProcess {
    /// Our end: non-blocking.
    let socket: FileDescriptor
    /// The broker's process number; its child is the decoder.
    let process: pid_t
    private var isReaped = false

    /// The variables of the environment that a worker gets: for the loader and for debuginfod's client, nothing else.
    private static let environmentNames = [
        "PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "XDG_CACHE_HOME", "SSL_CERT_FILE", "http_proxy", "https_proxy",
        "no_proxy",
    ]

    /// Starts `executable` with the argument that makes it a worker and its socket as descriptor 3.
    ///
    /// It has a process group of its own, so that Ctrl-C in the terminal, which ends a recording in good order, does not
    /// kill it; and no terminal to write to.
    init(executable: String) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .last("socketpair") }
        socket = FileDescriptor(owning: ends[0])
        let other = FileDescriptor(owning: ends[1])
        guard fcntl(socket.raw, F_SETFL, O_NONBLOCK) == 0 else { throw .last("fcntl") }

        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        // The socket first: it might have one of the numbers that are opened next.
        unsafe posix_spawn_file_actions_adddup2(&actions, other.raw, symbolizeWorkerSocket)
        for number in Int32(0)...2 {
            unsafe posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
        }

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        var arguments = unsafe [strdup(executable), strdup(symbolizeWorkerArgument), nil]
        var environment = unsafe WorkerProcess.environment()
        defer { unsafe (arguments + environment).forEach { unsafe free($0) } }
        var process: pid_t = 0
        let code = unsafe posix_spawn(&process, executable, &actions, &attributes, &arguments, &environment)
        guard code == 0 else { throw SystemError(code: code, operation: "start " + executable) }
        self.process = process
    }

    deinit {
        _ = end()
    }

    /// Ends the process if it still runs; how it ended, in words ("killed by signal 11").
    ///
    /// It is told first, by the end of its socket, and then has a moment to end itself and its child, whose CPU time is
    /// otherwise not accounted to us; then the group is killed. A process that the kernel does not let die at once (it waits for
    /// a file of a dead server) is left behind after a second.
    func end() -> String {
        guard !isReaped else { return "already ended" }
        isReaped = true
        _ = shutdown(socket.raw, Int32(SHUT_WR))
        var status: Int32 = 0
        var reaped: pid_t = 0
        for millisecond in 0..<1300 {
            reaped = retryOnInterrupt { unsafe waitpid(process, &status, WNOHANG) }
            guard reaped == 0 else { break }
            if millisecond == 300 { kill(-process, SIGKILL) }
            usleep(1000)
        }
        guard reaped == process else { return "unknown" }
        let signal = status & 0x7f
        return signal != 0 ? "killed by signal \(signal)" : "exit code \(status >> 8 & 0xff)"
    }

    /// The environment of a worker, as `posix_spawn` takes it; the caller frees the strings.
    private static func environment() -> [UnsafeMutablePointer<CChar>?] {
        var result: [UnsafeMutablePointer<CChar>?] = unsafe []
        var position = unsafe environ
        while let entry = unsafe position.pointee {
            let text = unsafe String(cString: entry)
            let name = text.prefix { $0 != "=" }
            if environmentNames.contains(String(name)) || name.hasPrefix("DEBUGINFOD_") {
                unsafe result.append(strdup(text))
            }
            unsafe position += 1
        }
        unsafe result.append(nil)
        return unsafe result
    }
}

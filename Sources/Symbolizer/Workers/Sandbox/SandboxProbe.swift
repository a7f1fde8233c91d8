internal import CLinux
internal import Glibc

/// Goes into the sandbox of a decoder, tries what a decoder that a file has taken over would try, and prints what came of it:
/// `sprof symbolize-worker probe [identity|landlock|filter]`, a line `what: errno` for each, 0 for what was possible.
///
/// With the name of a wall only that one is built, to see what it holds back by itself. The first line says what is missing.
public func runSandboxProbe(walls name: String?) -> Never {
    let walls = name.map { name in DecoderSandbox.Wall.allCases.filter { $0.rawValue == name } }
    let parent = getppid()
    // A file that is opened before must be readable afterwards.
    let held = unsafe open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
    let missing = DecoderSandbox.enter(walls ?? DecoderSandbox.Wall.allCases)
    report("missing: \(missing.rawValue)")
    for attempt in SandboxAttempt.all(parent: parent, held: held) { report("\(attempt.name): \(attempt.run())") }
    exit(0)
}

private func report(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

/// Something that a sandboxed process might try.
private struct SandboxAttempt {
    let name: String
    /// The errno that it left; 0 if it was possible.
    let run: () -> Int32

    static func all(parent: pid_t, held: Int32) -> [SandboxAttempt] {
        [
            SandboxAttempt(name: "open /etc/passwd") { code(unsafe open("/etc/passwd", O_RDONLY)) },
            SandboxAttempt(name: "open its own memory") { code(unsafe open("/proc/self/mem", O_RDWR)) },
            SandboxAttempt(name: "list /") { code(unsafe open("/", O_RDONLY | O_DIRECTORY)) },
            // O_TMPFILE, which leaves nothing behind.
            SandboxAttempt(name: "create a file") { code(unsafe open("/tmp", O_WRONLY | 0x41_0000, 0o600)) },
            SandboxAttempt(name: "open beyond a folder") {
                code(unsafe sprof_open_in_root(AT_FDCWD, ".", O_RDONLY))
            },
            SandboxAttempt(name: "change its folder") { code(unsafe chdir("/")) },
            SandboxAttempt(name: "socket to the network") { code(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)) },
            SandboxAttempt(name: "socket to a neighbour") { code(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)) },
            SandboxAttempt(name: "start a process") { call(SYS_clone, UInt(SIGCHLD)) },
            // PTRACE_SEIZE, which does not stop whom it is tried on.
            SandboxAttempt(name: "trace its parent") { call(SYS_ptrace, 0x4206, UInt(parent)) },
            SandboxAttempt(name: "signal its parent") { code(kill(parent, 0)) },
            SandboxAttempt(name: "read its parent's memory") { call(SYS_process_vm_readv, UInt(parent)) },
            SandboxAttempt(name: "take its parent's files") { call(SYS_pidfd_open, UInt(parent)) },
            SandboxAttempt(name: "become root") { code(setuid(0)) },
            SandboxAttempt(name: "executable memory") {
                let memory = unsafe mmap(nil, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                return unsafe memory == MAP_FAILED ? errno : 0
            },
            SandboxAttempt(name: "make memory executable") { makeExecutable() },
            SandboxAttempt(name: "raise a limit") { raiseLimit() },
            SandboxAttempt(name: "sample") { call(SYS_perf_event_open) },
            SandboxAttempt(name: "load a filter") { call(SYS_bpf) },
            SandboxAttempt(name: "queue system calls") { call(SYS_io_uring_setup) },
            SandboxAttempt(name: "memory") {
                let memory = unsafe mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                return unsafe memory == MAP_FAILED ? errno : 0
            },
            SandboxAttempt(name: "thread") { startThread() },
            SandboxAttempt(name: "read an open file") { readDescriptor(held) },
            // The last: if it works, this program is gone, and its line with it.
            SandboxAttempt(name: "start a program") { startProgram() },
        ]
    }

    private static func code(_ result: Int32) -> Int32 { result < 0 ? errno : 0 }

    private static func call(_ number: Int32, _ a: UInt = 0, _ b: UInt = 0) -> Int32 {
        let result = sprof_system_call(Int(number), a, b, 0, 0)
        // The child of a clone(2) that should not have been possible.
        if number == SYS_clone, result == 0 { exit(0) }
        return result < 0 ? errno : 0
    }

    private static func startProgram() -> Int32 {
        var arguments = unsafe [strdup("true"), nil]
        defer { unsafe free(arguments[0]) }
        // Comes back only if it fails.
        _ = unsafe execv("/bin/true", &arguments)
        return errno
    }

    private static func readDescriptor(_ descriptor: Int32) -> Int32 {
        var bytes: [UInt8] = [0, 0, 0, 0]
        return unsafe pread(descriptor, &bytes, bytes.count, 0) == bytes.count ? 0 : errno
    }

    private static func makeExecutable() -> Int32 {
        guard let memory = unsafe mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            unsafe memory != MAP_FAILED
        else { return 0 }
        return unsafe code(mprotect(memory, 4096, PROT_READ | PROT_EXEC))
    }

    private static func raiseLimit() -> Int32 {
        let resource = Int32(RLIMIT_CORE.rawValue)
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        _ = unsafe setrlimit(resource, &limit)
        limit.rlim_max = 1 << 20
        return code(unsafe setrlimit(resource, &limit))
    }

    private static func startThread() -> Int32 {
        var thread = pthread_t()
        let code = unsafe pthread_create(&thread, nil, { _ in nil }, nil)
        if code == 0 { _ = pthread_join(thread, nil) }
        return code
    }
}

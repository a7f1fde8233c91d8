public import Glibc

/// Programs that draw or show what sprof made.
public enum ChildProcess {
    /// What a program left behind.
    public struct Outcome: Sendable {
        /// Its exit status, or 128 and the number of the signal that ended it.
        public var status: Int32
        /// What it wrote to standard output.
        public var output: [UInt8]
    }

    /// Runs a program, looked for in PATH, to its end. It reads `input`, and its messages go to our standard error.
    ///
    /// - Parameter outputLimit: The most bytes to take; a program that writes more is ended.
    public static func run(
        _ arguments: [String], input: [UInt8], outputLimit: Int = 1 << 30
    ) throws(SystemError) -> Outcome {
        // The input is a file without a name, so that nobody waits for anybody.
        let source = try temporaryFile(holding: input)
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw .last("pipe") }
        let reading = FileDescriptor(owning: ends[0])
        let writing = FileDescriptor(owning: ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let process = try spawn(arguments, input: source.raw, output: writing.raw)
        _ = consume source
        // The end of what the program writes shows only when nobody else could write.
        _ = consume writing
        let output = try reading.readToEnd(limit: outputLimit)
        if output.count >= outputLimit { kill(process, SIGKILL) }
        return Outcome(status: wait(for: process), output: output)
    }

    /// Starts a program, looked for in PATH, that reads nothing and shares our outputs.
    public static func start(_ arguments: [String]) throws(SystemError) -> pid_t {
        let nothing = try FileDescriptor(opening: "/dev/null")
        let process = try spawn(arguments, input: nothing.raw, output: nil)
        _ = consume nothing
        return process
    }

    /// Waits for a program to end; its exit status, or 128 and the number of the signal that ended it.
    public static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        guard retryOnInterrupt({ unsafe waitpid(process, &status, 0) }) == process else { return 1 }
        let signal = status & 0x7f
        return signal != 0 ? 128 + signal : status >> 8 & 0xff
    }

    private static func temporaryFile(holding bytes: [UInt8]) throws(SystemError) -> FileDescriptor {
        var template = Array((temporaryFolder + "/sprof-XXXXXX\0").utf8CString.dropLast())
        let raw = unsafe mkstemp(&template)
        guard raw >= 0 else { throw .last("create a file in " + temporaryFolder) }
        unsafe unlink(template)
        let file = FileDescriptor(owning: raw)
        _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
        try file.write(bytes.rawSpan)
        guard lseek(file.raw, 0, SEEK_SET) == 0 else { throw .last("lseek") }
        return file
    }

    private static func spawn(
        _ arguments: [String], input: Int32, output: Int32?
    ) throws(SystemError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        if let output { unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) }
        var strings = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe strings.forEach { unsafe free($0) } }
        var process: pid_t = 0
        let code = unsafe posix_spawnp(&process, arguments[0], &actions, nil, &strings, environ)
        guard code == 0 else { throw SystemError(code: code, operation: "start " + arguments[0]) }
        return process
    }
}

/// Where files go that nobody keeps.
public var temporaryFolder: String {
    guard let value = unsafe getenv("TMPDIR"), unsafe value.pointee != 0 else { return "/tmp" }
    return unsafe String(cString: value)
}

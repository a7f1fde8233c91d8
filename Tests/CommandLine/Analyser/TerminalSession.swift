import Glibc
import Primitives
import Testing

/// A program in a terminal of its own, and a user who types.
final class TerminalSession {
    private let terminal: FileDescriptor
    private let process: pid_t
    private var isReaped = false
    /// All that the program has written.
    private(set) var screen = ""

    /// Starts `arguments` with a terminal for all three descriptors.
    init(_ arguments: [String], environment: [String: String]) throws {
        terminal = try FileDescriptor(opening: "/dev/ptmx", O_RDWR | O_NOCTTY)
        let raw = terminal.raw
        // TIOCSPTLCK and TIOCGPTN (ioctl_tty(2)): Swift does not see what the C library makes of them.
        var lock: Int32 = 0
        var number: UInt32 = 0
        guard ioctl(raw, 0x4004_5431, &lock) == 0, ioctl(raw, 0x8004_5430, &number) == 0 else {
            throw SystemError.last("open a terminal")
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Opened by the leader of a new session, the terminal becomes its own.
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/pts/\(number)", O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        posix_spawn_file_actions_addclose(&actions, raw)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // POSIX_SPAWN_SETSID of glibc.
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | 0x80)
        var strings: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0.key + "=" + $0.value) } + [nil]
        defer { (strings + variables).forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, strings[0]!, &actions, &attributes, &strings, &variables)
        guard code == 0 else { throw SystemError(code: code, operation: "start \(arguments[0])") }
        self.process = process
    }

    deinit {
        guard !isReaped else { return }
        _ = Glibc.kill(process, SIGKILL)
        var status: Int32 = 0
        _ = waitpid(process, &status, 0)
    }

    /// Types `text`.
    func type(_ text: String) throws {
        try terminal.write(Array(text.utf8).rawSpan)
    }

    /// Whether the program writes `text` after what was awaited before; what it wrote until then.
    func awaits(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        var seen = ""
        while !seen.contains(text) {
            guard let piece = read() else {
                Issue.record("\(text) does not appear in \(seen)", sourceLocation: sourceLocation)
                throw SystemError(code: ETIMEDOUT, operation: "wait for the program")
            }
            seen += piece
        }
        return seen
    }

    /// The exit status, after all output; -1 for a program that goes silent and does not end, which is then killed.
    func wait() -> Int32 {
        while read() != nil {}
        var poll = pollfd(fd: terminal.raw, events: Int16(POLLIN), revents: 0)
        let hasEnded = Glibc.poll(&poll, 1, 0) > 0
        if !hasEnded { _ = Glibc.kill(process, SIGKILL) }
        var status: Int32 = 0
        guard waitpid(process, &status, 0) == process else { return -1 }
        isReaped = true
        return hasEnded ? status >> 8 : -1
    }

    /// The exit status after the end of input, Ctrl-D, on an emptied line. Both are typed until they are heard: libedit shows its
    /// prompt a moment before it takes the terminal over, and what comes in between is lost, or becomes part of the line.
    func endInput() throws -> Int32 {
        for _ in 0..<30 {
            try type("\u{15}\u{4}")
            while read(milliseconds: 1000) != nil {}
            var poll = pollfd(fd: terminal.raw, events: Int16(POLLIN), revents: 0)
            if Glibc.poll(&poll, 1, 0) > 0 { break }
        }
        return wait()
    }

    /// Ctrl-C, typed until `text` appears: one that comes before libedit waits for a key, just after its prompt, is not
    /// answered.
    func interrupt(awaiting text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        var seen = ""
        for _ in 0..<30 {
            try type("\u{3}")
            while let piece = read(milliseconds: 1000) {
                seen += piece
                if seen.contains(text) { return }
            }
        }
        Issue.record("\(text) does not appear in \(seen)", sourceLocation: sourceLocation)
        throw SystemError(code: ETIMEDOUT, operation: "wait for the program")
    }

    /// What the program writes next; nil at its end, or when it is silent for half a minute.
    private func read(milliseconds: Int32 = 30_000) -> String? {
        var poll = pollfd(fd: terminal.raw, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, milliseconds) > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(terminal.raw, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let piece = String(decoding: buffer[..<count], as: UTF8.self)
        screen += piece
        return piece
    }
}

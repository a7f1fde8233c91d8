import Glibc
import Primitives

/// The program under test: what `SPROF_BINARY` names, else the product that was built with these tests.
enum SprofBinary {
    /// Where it is; nil if it was not built.
    static let path: String? = {
        if let value = unsafe getenv("SPROF_BINARY") { return unsafe String(cString: value) }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { return nil }
        let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = own.lastIndex(of: "/") else { return nil }
        let path = own[..<slash] + "/sprof"
        return unsafe access(String(path), X_OK) == 0 ? String(path) : nil
    }()

    static let reason = "sprof is neither named by SPROF_BINARY nor built beside the tests"

    /// Whether it is there and may sample.
    static let canRecord = path != nil && canSample
    static let isRoot = geteuid() == 0

    /// A command that runs another as the user nobody, without any privilege.
    static let asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]
    static let canBecomeNobody = isRoot && CompiledPrograms.shell("\(asNobody.joined(separator: " ")) true 2>/dev/null")
}

/// A program that runs, with its output going into files.
final class RunningProcess {
    let processID: pid_t
    private let folder = TemporaryDirectory()
    private var ended: Int32?

    /// Starts `arguments`, looked for in PATH, with standard input from /dev/null and in a process group of its own.
    init(_ arguments: [String], workingDirectory: String? = nil, output: String? = nil) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let create = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output ?? folder.path + "/out", create, 0o666)
        posix_spawn_file_actions_addopen(&actions, 2, folder.path + "/err", create, 0o666)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads that tests run on have signals blocked, which a new process would inherit.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        // The C library's call that changes the folder of a spawned process is not visible to Swift.
        let entering = workingDirectory.map { ["sh", "-c", "cd '\($0)' && exec \"$@\"", "sh"] } ?? []
        var strings: [UnsafeMutablePointer<CChar>?] = (entering + arguments).map { strdup($0) }
        defer { strings.forEach { free($0) } }
        strings.append(nil)
        var process: pid_t = 0
        let code = posix_spawnp(&process, strings[0]!, &actions, &attributes, strings, environ)
        guard code == 0 else { throw SystemError(code: code, operation: "start \(arguments[0])") }
        processID = process
    }

    deinit {
        guard ended == nil else { return }
        _ = Glibc.kill(-processID, SIGKILL)
        var status: Int32 = 0
        _ = waitpid(processID, &status, 0)
    }

    /// Sends `signal` to the process alone.
    func send(_ signal: Int32) {
        _ = Glibc.kill(processID, signal)
    }

    /// Whether `condition` holds before the process has ended and `seconds` have passed.
    func reaches(withinSeconds seconds: Int = 20, _ condition: () -> Bool) -> Bool {
        for _ in 0..<seconds * 200 {
            if condition() { return true }
            if hasEnded() { return condition() }
            usleep(5000)
        }
        return false
    }

    /// What the process leaves behind; it is killed, with its group, when it has not ended after `seconds`.
    func wait(seconds: Int = 60) -> Outcome {
        let isInTime = reaches(withinSeconds: seconds) { hasEnded() }
        if !isInTime {
            _ = Glibc.kill(-processID, SIGKILL)
            var status: Int32 = 0
            _ = waitpid(processID, &status, 0)
            ended = status
        }
        let status = ended ?? 0
        return Outcome(
            exitStatus: status & 0x7f == 0 ? (status >> 8) & 0xff : nil,
            signal: status & 0x7f == 0 ? nil : status & 0x7f,
            output: read("out"), errors: read("err"), isInTime: isInTime)
    }

    private func hasEnded() -> Bool {
        if ended != nil { return true }
        var status: Int32 = 0
        guard waitpid(processID, &status, WNOHANG) == processID else { return false }
        ended = status
        return true
    }

    private func read(_ name: String) -> String {
        String(decoding: contents(ofSmallFile: "\(folder.path)/\(name)", limit: 1 << 26) ?? [], as: UTF8.self)
    }

    struct Outcome {
        /// Nil when a signal ended the process.
        var exitStatus: Int32?
        var signal: Int32?
        var output: String
        var errors: String
        /// False when the process had to be killed.
        var isInTime: Bool
    }
}

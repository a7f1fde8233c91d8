import Glibc
import Primitives

/// Go's pprof as the second opinion on reports.
///
/// The one of Go 1.19, which Debian installs, is of July 2022. What its text differs in from the newest pprof, which is
/// what sprof follows, is left out of the generated profiles: columns, documentation, and the time at which the profile was
/// made. A newer pprof may be named by the environment variable SPROF_PPROF; then these are compared too.
enum PprofProgram {
    /// The path of the program, or nil if there is none.
    static let path: String? = {
        if let named = getenv("SPROF_PPROF") { return String(cString: named) }
        let answer = run("/usr/bin/env", ["go", "tool", "-n", "pprof"])
        guard answer.status == 0 else { return nil }
        return String(answer.output.prefix { $0 != "\n" })
    }()

    static var isPresent: Bool { path != nil }
    static let isNewest = getenv("SPROF_PPROF") != nil
    static let reason = "go with its pprof is not installed"

    /// What pprof makes of a file.
    static func report(_ arguments: [String], on file: String) -> (status: Int32, output: String, errors: String) {
        run(path ?? "", arguments + [file])
    }

    /// Runs a program, and waits for its end.
    static func run(
        _ program: String, _ arguments: [String]
    ) -> (status: Int32, output: String, errors: String) {
        let folder = ScratchFolder()
        let (output, errors) = (folder.path + "/out", folder.path + "/err")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var words = ([program] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var pid = pid_t()
        guard posix_spawn(&pid, program, &actions, nil, words, environ) == 0 else { return (-1, "", "not started") }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return (status >> 8, ScratchFolder.text(of: output), ScratchFolder.text(of: errors))
    }
}

/// A folder that goes with its owner.
final class ScratchFolder {
    let path: String

    init() {
        var template = Array("/tmp/sprof-reports-XXXXXX\0".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit { _ = system("rm -rf '\(path)'") }

    static func text(of file: String) -> String {
        guard let descriptor = try? FileDescriptor(opening: file),
            let bytes = try? descriptor.readToEnd(limit: 1 << 28)
        else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}

import Glibc
import Primitives
import ProfileModel
import ProfileWriter

/// The second opinion on files and reports: Go's pprof.
enum PprofOracle {
    /// Whether a `go tool pprof` of Go 1.19, whose layouts the golden texts have, can be run.
    static let isPresent = shell("go version").output.contains("go1.19") && shell("go tool pprof -h").status <= 2

    static let reason: String = "go 1.19 with its pprof is not installed"

    /// What `go tool pprof` with `arguments` makes of the file at `path`.
    static func run(_ arguments: String, on path: String) -> (status: Int32, output: String, errors: String) {
        shell("PPROF_TMPDIR=/nonexistent go tool pprof \(arguments) '\(path)'")
    }

    /// What a shell command writes, and its exit status.
    @discardableResult
    static func shell(_ command: String) -> (status: Int32, output: String, errors: String) {
        let directory = TemporaryDirectory()
        let status = system("{ \(command) ; } >'\(directory.path)/out' 2>'\(directory.path)/err' </dev/null")
        return (
            status >> 8, text(directory.path + "/out"), text(directory.path + "/err")
        )
    }

    private static func text(_ path: String) -> String {
        String(decoding: contents(ofSmallFile: path, limit: 1 << 26) ?? [], as: UTF8.self)
    }
}

/// A directory that goes with its owner.
final class TemporaryDirectory {
    let path: String

    init() {
        var template = Array("/tmp/sprof-test-XXXXXX\0".utf8CString)
        path = String(cString: mkdtemp(&template))
    }

    deinit {
        _ = system("rm -rf '\(path)'")
    }

    /// The path of a file in here that holds `profile`.
    func file(_ profile: Profile, named name: String = "cpu.pb.gz") throws -> String {
        try ProfileFile.write(profile, to: path + "/" + name)
        return path + "/" + name
    }
}

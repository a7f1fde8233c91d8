import Glibc
import Primitives
import ProfileModel
import Testing

/// Profiles for the tests of the analyser's command line, in a folder of their own.
final class AnalyserFixture {
    let folder = TemporaryDirectory()

    /// Writes `cpu.pb.gz`, and `base.pb.gz` with half of its values. They tell no time, which Debian's pprof writes in
    /// a layout of its own, and no two of their samples are equal, as that pprof would merge them.
    init() throws {
        var profile = ProfileFixture.full()
        profile.timeNanoseconds = 0
        // Debian's pprof does not know this field.
        profile.docURL = .empty
        // pprof asks the machine for the names of what has none.
        for index in profile.mappings.indices { profile.mappings[index].hasFunctions = true }
        _ = try folder.file(profile, named: "cpu.pb.gz")
        var half = ProfileFixture.full()
        half.timeNanoseconds = 0
        half.docURL = .empty
        for index in half.mappings.indices { half.mappings[index].hasFunctions = true }
        half.addSample(locations: [LocationIndex(rawValue: 0)], values: [50, 500_000_000])
        _ = try folder.file(half, named: "base.pb.gz")
    }

    /// The program itself: `go tool` would make its exit status 1.
    private static let pprofPath = String(PprofOracle.shell("go tool -n pprof").output.prefix { $0 != "\n" })

    /// What a command line leaves behind.
    struct Outcome: Equatable {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs Debian's pprof in the folder, on the shell commands in `input`.
    func pprof(_ arguments: String, input: String = "") throws -> Outcome {
        var outcome = try run("'\(Self.pprofPath)'", arguments, input)
        outcome.errors = Self.withoutPrefix(outcome.errors)
        return outcome
    }

    /// Runs `sprof pprof` in the folder.
    func sprof(_ arguments: String, input: String = "", command: String = "pprof") throws -> Outcome {
        let binary = try #require(SprofBinary.path)
        var outcome = try run("'\(binary)' \(command)", arguments, input)
        if command == "pprof" { outcome.errors = Self.withoutPrefix(outcome.errors) }
        return outcome
    }

    private func run(_ program: String, _ arguments: String, _ input: String) throws -> Outcome {
        let script = folder.path + "/input"
        let file = try FileDescriptor(opening: script, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try file.write(Array(input.utf8).rawSpan)
        let result = PprofOracle.shell(
            "cd '\(folder.path)' && PPROF_TMPDIR='\(folder.path)/saved' HOME='\(folder.path)' && exec <input && "
                + "export PPROF_TMPDIR HOME && \(program) \(arguments)")
        return Outcome(status: result.status, output: result.output, errors: result.errors)
    }

    /// Messages without the word that newer versions of pprof put before them.
    private static func withoutPrefix(_ errors: String) -> String {
        errors.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("pprof: ") ? String($0.dropFirst(7)) : String($0) }.joined(separator: "\n")
    }
}

import Glibc
import Primitives
import Testing

@testable import Symbolizer

/// What a decoder can still do once it is in its sandbox: tried by sprof itself, in a process of its own.
@Suite(.enabled(if: SprofBinary.path != nil, "\(SprofBinary.reason)"))
struct SandboxTests {
    /// What can be tried, and what came of it: an errno, 0 for possible; nothing for what ended the process.
    private func probe(_ wall: String = "", prefix: [String] = []) throws -> [String: Int32] {
        let binary = try #require(SprofBinary.path)
        let arguments = prefix + [binary, "symbolize-worker", "probe"] + (wall.isEmpty ? [] : [wall])
        let outcome = try RunningProcess(arguments).wait(seconds: 20)
        #expect(outcome.exitStatus == 0, "\(outcome.errors)")
        var results: [String: Int32] = [:]
        for line in outcome.output.split(separator: "\n") {
            guard let colon = line.lastIndex(of: ":") else { continue }
            results[String(line[..<colon])] = Int32(line[colon...].dropFirst(2))
        }
        return results
    }

    private static let needed = ["memory", "thread", "read an open file"]
    private static let files = [
        "open /etc/passwd", "open its own memory", "list /", "create a file", "start a program",
    ]

    @Test func `with all walls nothing is possible but memory, threads and what is open`() throws {
        let results = try probe()
        #expect(results.count == 25)
        for (attempt, code) in results where attempt != "missing" {
            #expect(Self.needed.contains(attempt) == (code == 0), "\(attempt): \(code)")
        }
    }

    @Test(.enabled(if: sprofHasLandlock, "this kernel has no Landlock"))
    func `Landlock alone keeps the file system, programs and signals away`() throws {
        let results = try probe("landlock")
        #expect(results["missing"] == 0)
        for attempt in Self.files { #expect(results[attempt] == EACCES, "\(attempt)") }
        for attempt in Self.needed { #expect(results[attempt] == 0, "\(attempt)") }
    }

    @Test func `the filter alone refuses all that is not decoding`() throws {
        let results = try probe("filter")
        #expect(results["missing"] == 0)
        for (attempt, code) in results where attempt != "missing" {
            #expect(code == (Self.needed.contains(attempt) ? 0 : EPERM), "\(attempt): \(code)")
        }
    }

    @Test(.enabled(if: SprofBinary.isRoot, "needs root"))
    func `root's decoder is nobody and does not come back`() throws {
        let results = try probe("identity")
        for attempt in ["open its own memory", "signal its parent", "trace its parent", "become root"] {
            #expect(results[attempt] == EACCES || results[attempt] == EPERM, "\(attempt)")
        }
    }

    @Test(.enabled(if: SprofBinary.canBecomeNobody, "needs root and setpriv"))
    func `an unprivileged user's decoder has the same walls`() throws {
        let results = try probe(prefix: SprofBinary.asNobody)
        #expect(results["missing"] == 0)
        for attempt in Self.files { #expect(results[attempt] == EPERM, "\(attempt)") }
    }

    @Test func `the decoder of a running worker is behind its walls, with three descriptors and the two sockets`()
        throws
    {
        let worker = try WorkerProcess(executable: try #require(SprofBinary.path))
        var status: [Substring] = []
        var decoder = ""
        for _ in 0..<4000 where !status.contains("Seccomp:\t2") {
            usleep(5000)
            decoder = text(ofSmallFile: "/proc/\(worker.process)/task/\(worker.process)/children") ?? ""
            status = (text(ofSmallFile: "/proc/\(decoder)/status") ?? "").split(separator: "\n")
        }
        for line in ["Seccomp:\t2", "NoNewPrivs:\t1", "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000"] {
            #expect(status.contains(Substring(line)), "\(line)")
        }
        if SprofBinary.isRoot {
            let nobody = "65534\t65534\t65534\t65534"
            #expect(status.contains(Substring("Uid:\t" + nobody)) && status.contains(Substring("Gid:\t" + nobody)))
            let numbers = CompiledPrograms.output("ls /proc/\(decoder)/fd").split(separator: "\n").compactMap {
                Int($0)
            }
            #expect(numbers.count == 5)
        }
        #expect(worker.end() == "exit code 0")
    }

    @Test(.enabled(if: CompiledPrograms.shell("unshare -U true 2>/dev/null"), "needs user namespaces"))
    func `a user namespace without nobody costs the identity only, and that is told`() throws {
        let results = try probe(prefix: ["unshare", "--user", "--map-root-user"])
        #expect(results["missing"] == Int32(DecoderSandbox.Missing.identity.rawValue))
        for attempt in Self.files { #expect(results[attempt] == EPERM, "\(attempt)") }
    }
}

private let sprofHasLandlock = CompiledPrograms.shell(
    "python3 -c 'import ctypes,sys; sys.exit(ctypes.CDLL(None).syscall(444, None, 0, 1) < 1)' 2>/dev/null")

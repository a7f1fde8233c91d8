import Glibc
import Primitives
import TargetFiles
import Testing

@testable import Symbolizer

@Suite struct PerfMapFileTests {
    /// A root folder with a map in its `tmp`.
    private let root = TemporaryFolder()

    private func write(_ contents: String, to name: String = "perf-7.map") throws {
        mkdir(root.path + "/tmp", 0o755)
        let file = try FileDescriptor(opening: root.path + "/tmp/" + name, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        try file.write(Array(contents.utf8).rawSpan)
    }

    private func open(owner: uid_t = getuid()) throws -> PerfMapFile {
        try PerfMapFile(root: root.path, name: "perf-7.map", owner: owner, path: "the map")
    }

    private func failure(owner: uid_t = getuid()) -> PerfMapFailure? {
        do {
            _ = try open(owner: owner)
            return nil
        } catch {
            return error as? PerfMapFailure
        }
    }

    @Test func `later lines win over earlier ones and bad lines are counted`() throws {
        try write(
            """
            1000 100 old name
            0x1080 0x10 LazyCompile:~f /a b.js:1
            nonsense
            1090
            ffffffffffffffff 2 over the end
            fffffffffffffffff 1 too many digits
            1000 20 newer
            2000 0 empty
            3000 10 last
            """)
        var map = try open()
        let addresses: [UInt64] = [0xfff, 0x1000, 0x101f, 0x1020, 0x1085, 0x1090, 0x1100, 0x2000, 0x300f]
        let symbols = try map.symbols(for: addresses.map { Address($0) })
        #expect(
            symbols.map { $0?.name } == [
                nil, "newer", "newer", "old name", "LazyCompile:~f /a b.js:1", "old name", nil, nil, "last",
            ])
        #expect(symbols[4]?.start == Address(0x1080))
        let badLineCount = map.badLineCount
        #expect(badLineCount == 4)
        let isTruncated = map.isTruncated
        #expect(!isTruncated)
    }

    @Test func `a file beyond the limit is read up to the limit and says so`() throws {
        try write("1000 10 first\n2000 10 second\n")
        var map = try open()
        let symbols = try map.symbols(for: [Address(0x1000), Address(0x2000)], limit: 14)
        #expect(symbols.map { $0?.name } == ["first", nil])
        let isTruncated = map.isTruncated
        #expect(isTruncated)
    }

    @Test func `lines longer and files larger than a chunk resolve all the same`() throws {
        let long = String(repeating: "x", count: 300_000)
        let many = (0..<40_000).map { "\(String($0 * 16, radix: 16)) 10 f\($0)" }.joined(separator: "\n")
        try write("ffff0000 10 \(long)\n\(many)\n")
        var map = try open()
        let symbols = try map.symbols(for: (0..<40_000).map { Address(UInt64($0 * 16 + 3)) } + [Address(0xffff_0001)])
        for (index, symbol) in symbols.dropLast().enumerated() where symbol?.name != "f\(index)" {
            Issue.record("\(index): \(symbol?.name ?? "nil")")
            break
        }
        #expect(symbols.last??.name.utf8.count == 4096 - 12)
    }

    @Test func `a missing map, a link, a fifo, a folder and another user's file are told apart`() throws {
        #expect(failure() == .missing)
        try write("1000 10 f\n", to: "other")
        #expect(failure() == .missing)
        symlink("other", root.path + "/tmp/perf-7.map")
        #expect(failure() == .untrusted(path: "the map"))
        unlink(root.path + "/tmp/perf-7.map")
        mkfifo(root.path + "/tmp/perf-7.map", 0o644)
        #expect(failure() == .untrusted(path: "the map"))
        unlink(root.path + "/tmp/perf-7.map")
        mkdir(root.path + "/tmp/perf-7.map", 0o755)
        #expect(failure() == .untrusted(path: "the map"))
    }

    @Test(.enabled(if: getuid() == 0, "needs root to give a file away")) func `a file of a third user is not used`()
        throws
    {
        try write("1000 10 f\n")
        chown(root.path + "/tmp/perf-7.map", 1234, 1234)
        #expect(failure(owner: 1235) == .untrusted(path: "the map"))
        #expect(failure(owner: 1234) == nil)
        chown(root.path + "/tmp/perf-7.map", 0, 0)
        #expect(failure(owner: 1234) == nil)
    }

    @Test func `a tmp that is a link stays inside the root`() throws {
        mkdir(root.path + "/private", 0o755)
        symlink("/private", root.path + "/tmp")
        let file = try FileDescriptor(opening: root.path + "/private/perf-7.map", O_WRONLY | O_CREAT, mode: 0o644)
        try file.write(Array("1000 10 inside\n".utf8).rawSpan)
        var map = try open()
        #expect(try map.symbols(for: [Address(0x1000)])[0]?.name == "inside")
    }

    @Test func `the map of this very process is found through its own root`() throws {
        let path = "/tmp/perf-\(getpid()).map"
        let file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
        defer { unlink(path) }
        try file.write(Array("1000 10 mine\n".utf8).rawSpan)
        var map = try PerfMapFile(of: ProcessID(getpid()), patience: Patience())
        #expect(try map.symbols(for: [Address(0x1008)])[0]?.name == "mine")
    }

    @Test func `the identity of a process is in its status`() {
        let status = "Name:\tjava x\nUid:\t1000\t1001\t1002\t1003\nNSpid:\t4711\t12\t1\n"
        let parsed = ProcessStatus(Array(status.utf8), outermostID: 4711)
        #expect(parsed?.userID == 1001)
        #expect(parsed?.innermostID == 1)
        #expect(ProcessStatus(Array("Uid:\t1\t2\t3\t4\n".utf8), outermostID: 5)?.innermostID == 5)
        #expect(ProcessStatus([], outermostID: 5) == nil)
    }

    @Test func `random bytes in a map give some answer`() throws {
        var random = SeededGenerator(seed: 5)
        let alphabet = Array("0123456789abcdefx \nGz\u{ff}".utf8)
        for _ in 0..<50 {
            let bytes = (0..<500).map { _ in alphabet[Int.random(in: alphabet.indices, using: &random)] }
            try write(String(decoding: bytes, as: UTF8.self))
            var map = try open()
            #expect(try map.symbols(for: [Address(1), Address(0xabc)]).count == 2)
        }
    }
}

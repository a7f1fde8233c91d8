import Glibc
import Primitives
import Testing

@testable import Symbolizer

@Suite struct JitDumpFileTests {
    private let root = TemporaryFolder()

    private func open(
        _ bytes: [UInt8], name: String = "jit-7.dump", owner: uid_t = getuid()
    ) throws -> JitDumpFile {
        let file = try FileDescriptor(opening: root.path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
        try file.write(bytes.rawSpan)
        return try opened("/" + name, owner: owner)
    }

    private func opened(_ path: String, owner: uid_t = getuid()) throws -> JitDumpFile {
        try JitDumpFile(root: root.path, path: path, number: 7, owner: owner)
    }

    private func query(_ address: UInt64, at time: UInt64) -> JitDumpQuery {
        JitDumpQuery(address: Address(address), timeNanoseconds: time)
    }

    /// Code that is replaced, moved, and has lines.
    private static let dump: JitDumpBuilder = {
        var dump = JitDumpBuilder()
        dump.load("first", at: 0x1000, count: 0x100, time: 10, number: 1)
        dump.lines(
            [(0x2000, 3, Array("a.js".utf8)), (0x2010, 4, [0xff]), (0x2020, 9, Array("b.js".utf8))], at: 0x2000,
            time: 19)
        dump.load("lined", at: 0x2000, count: 0x40, time: 20, number: 2)
        dump.load("second", at: 0x1080, count: 0x80, time: 30, number: 3)
        dump.move(number: 2, to: 0x5000, count: 0x40, time: 40)
        dump.close(time: 50)
        return dump
    }()

    private static let queries: [(UInt64, UInt64)] = [
        (0x1000, 5), (0x1000, 10), (0x1090, 29), (0x1090, 30), (0x1010, 60), (0x2000, 60), (0x201f, 60), (0x2020, 60),
        (0x503f, 60), (0x5040, 60), (0x5010, 39), (0x1100, 60),
    ]

    @Test func `code is what it was at the time, by its newest place, with its lines`() throws {
        let dump = try open(Self.dump.bytes)
        let (symbols, problem) = dump.symbols(for: Self.queries.map { query($0.0, at: $0.1) })
        // What was told of too late is better than nothing.
        #expect(
            symbols.map { $0?.name } == [
                "first", "first", "first", "second", "first", "lined", "lined", "lined", "lined", nil, "lined", nil,
            ])
        #expect(
            symbols.map { $0.map { "\($0.file):\($0.line)" } } == [
                ":0", ":0", ":0", ":0", ":0", "a.js:3", "a.js:4", "b.js:9", "b.js:9", nil, "a.js:4", nil,
            ])
        #expect(symbols[8]?.start == Address(0x5000))
        #expect(problem == nil)
    }

    @Test func `with times of another clock the last word counts`() throws {
        var builder = JitDumpBuilder(flags: 1)
        builder.load("first", at: 0x1000, count: 0x100, time: 10, number: 1)
        builder.load("second", at: 0x1000, count: 0x100, time: 90, number: 2)
        let dump = try open(builder.bytes)
        #expect(dump.symbols(for: [query(0x1000, at: 20)]).symbols[0]?.name == "second")
    }

    @Test func `the times of records are told as the file grows`() throws {
        let whole = Self.dump
        var offset: UInt64 = 0
        let early = try open(Array(whole.bytes[..<20]))
        #expect(early.recordTimes(from: &offset, most: 9) == [] && offset == 0)
        let dump = try open(Array(whole.bytes[..<(whole.offsets[3] + 5)]))
        #expect(dump.recordTimes(from: &offset, most: 2) == [10, 19])
        #expect(dump.recordTimes(from: &offset, most: 9) == [20])
        #expect(offset == UInt64(whole.offsets[3]))
    }

    @Test func `a file cut off anywhere tells what is whole in it`() throws {
        let whole = Self.dump
        for count in 0...whole.bytes.count {
            let dump = try open(Array(whole.bytes[..<count]))
            let name = dump.symbols(for: [query(0x1000, at: 60)]).symbols[0]?.name
            let isThere = count >= whole.offsets[1]
            #expect(name == (isThere ? "first" : nil), "\(count) bytes")
        }
    }

    @Test func `damaged files give some answer`() throws {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<400 {
            var bytes = Self.dump.bytes
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] =
                    [0, 1, 0x7f, 0xff].randomElement(using: &random) ?? 0
            }
            let dump = try open(bytes)
            #expect(dump.symbols(for: Self.queries.map { query($0.0, at: $0.1) }).symbols.count == Self.queries.count)
        }
    }

    @Test func `a record without a length ends the file and is told of`() throws {
        var builder = JitDumpBuilder()
        builder.load("first", at: 0x1000, count: 0x100, time: 10, number: 1)
        builder.begin(0, 0, 20)
        let dump = try open(builder.bytes)
        let (symbols, problem) = dump.symbols(for: [query(0x1000, at: 20)])
        #expect(symbols[0]?.name == "first")
        #expect(problem != nil)
        let other = try open(JitDumpBuilder(magic: 0x4454_694a).bytes)
        let answer = other.symbols(for: [query(1, at: 1)])
        #expect(answer.symbols == [nil] && answer.problem != nil)
    }

    @Test func `many codes over everything cost no more than others`() throws {
        var builder = JitDumpBuilder()
        for number in 0..<20_000 { builder.load("f\(number)", at: 0, count: 0, time: UInt64(number), number: 0) }
        // A length beyond the file, as of code that covers all of memory.
        var bytes = builder.bytes
        for offset in builder.offsets {
            bytes.replaceSubrange(offset + 40..<offset + 48, with: [UInt8](repeating: 0x7f, count: 8))
        }
        let dump = try open(bytes)
        let symbols = dump.symbols(for: (0..<20_000).map { query(UInt64($0) * 16, at: UInt64($0)) }).symbols
        #expect(symbols[19_999]?.name == "f19999")
        #expect(symbols[5]?.name == "f5")
    }

    @Test func `only a regular file of its user that is called after the process is used`() throws {
        func failure(_ path: String, owner: uid_t = getuid()) -> String? {
            do {
                _ = try opened(path, owner: owner)
                return nil
            } catch {
                return (error as? JitDumpFailure)?.description
            }
        }
        _ = try open(Self.dump.bytes)
        #expect(failure("/jit-7.dump") == nil)
        _ = try? open(Self.dump.bytes, name: "jit-8.dump")
        #expect(failure("/jit-8.dump")?.contains("not called after") == true)
        #expect(failure("/tmp/jit-7.dump")?.contains("is gone") == true)
        mkdir(root.path + "/links", 0o755)
        symlink("/jit-7.dump", root.path + "/links/jit-7.dump")
        #expect(failure("/links/jit-7.dump")?.contains("not a regular file") == true)
        mkdir(root.path + "/fifo", 0o755)
        mkfifo(root.path + "/fifo/jit-7.dump", 0o644)
        #expect(failure("/fifo/jit-7.dump")?.contains("not a regular file") == true)
        if getuid() == 0 {
            chown(root.path + "/jit-7.dump", 1234, 1234)
            #expect(failure("/jit-7.dump", owner: 1235)?.contains("not a regular file") == true)
            #expect(failure("/jit-7.dump", owner: 1234) == nil)
        }
        for name in ["/jit-7.dump", "/a/jit-12.dump"] { #expect(JitDumpFile.isName(name)) }
        for name in ["/jit-.dump", "/jit-x.dump", "/jit-7.dump/x", "/perf-7.map", "/bin/jit"] {
            #expect(!JitDumpFile.isName(name))
        }
    }
}

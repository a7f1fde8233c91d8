import Glibc
import Primitives
import Testing

@testable import Symbolizer

@Suite(.enabled(if: FakeWorker.isAvailable, "needs python3")) struct SymbolizerPoolTests {
    /// The results for files of which the fake worker makes what their names say.
    private func run(
        _ names: [String], workers: Int = 2, seconds: Int = 60
    ) throws -> [Result<SymbolizeAnswer, SymbolizeFailure>] {
        let program = try FakeWorker.make()
        defer { FakeWorker.remove(program) }
        var pool = SymbolizerPool(
            workerExecutable: program, workerCount: workers, limits: SymbolizerPoolLimits(secondsPerFile: seconds))
        return pool.symbolize(
            names.map { SymbolizeRequest(path: $0, addresses: [FileAddress(0x10), FileAddress(0x20)]) })
    }

    private func names(_ result: Result<SymbolizeAnswer, SymbolizeFailure>) -> [String]? {
        guard case .success(let answer) = result else { return nil }
        return answer.addresses.flatMap(\.frames).map(\.linkageName)
    }

    @Test func `many files over few workers each get their own names`() throws {
        let results = try run((0..<20).map { "/\($0)/good" })
        #expect(results.count == 20)
        for result in results { #expect(names(result) == ["f10", "f20"]) }
    }

    @Test(arguments: ["kill", "exit", "garbage", "short", "huge"])
    func `a worker that fails over a file costs that file its debug information only`(word: String) throws {
        let results = try run(["good", word, "good", "good"])
        for result in results { #expect(names(result) == ["f10", "f20"]) }
        #expect(try results.map { try $0.get().effort } == [.full, .symbolTable, .full, .full])
        #expect(try results[1].get().warnings.first?.hasPrefix("\(word): debug information is not used: ") == true)
    }

    @Test func `a worker that fails over a name costs that file its readable names only`() throws {
        let results = try run(["good", "name", "good"])
        for result in results { #expect(names(result) == ["f10", "f20"]) }
        #expect(try results.map { try $0.get().effort } == [.full, .ownDemanglers, .full])
        #expect(try results[1].get().warnings.first?.hasPrefix("name: Swift names stay mangled: ") == true)
    }

    @Test(arguments: [
        ("always-kill", SymbolizeFailure.workerEnded("killed by signal 11")),
        ("always-exit", .workerEnded("exit code 7")), ("always-garbage", .invalidAnswer),
        ("always-short", .invalidAnswer),
        ("always-huge", .invalidAnswer), ("always-refuse", .file("no ELF file")),
    ])
    func `a file that no worker survives is reported and the others have names`(
        word: String, failure: SymbolizeFailure
    ) throws {
        let results = try run(["good", word, "good"], workers: 1)
        #expect(names(results[0]) == ["f10", "f20"])
        #expect(results[1] == .failure(failure))
        #expect(names(results[2]) == ["f10", "f20"])
    }

    @Test func `a worker that stops is killed when its time is over`() throws {
        let results = try run(["always-stop", "good", "stop"], workers: 3, seconds: 1)
        #expect(results[0] == .failure(.timedOut(seconds: 1)))
        #expect(names(results[1]) == ["f10", "f20"])
        #expect(names(results[2]) == ["f10", "f20"])
    }

    @Test func `the open file goes to the worker beside the request`() throws {
        let program = try FakeWorker.make()
        defer { FakeWorker.remove(program) }
        let file = OpenFile(try FileDescriptor(opening: program))
        var pool = SymbolizerPool(workerExecutable: program, workerCount: 1)
        let start = String(decoding: try file.descriptor.read(at: FileOffset(0), count: 16), as: UTF8.self)
        var done: [[Int]] = []
        let requests = (0..<3).map { _ in SymbolizeRequest(path: "good", file: file, addresses: [FileAddress(1)]) }
        let results = pool.symbolize(requests) { done.append([$0, $1]) }
        #expect(results.map { try? $0.get().source } == Array(repeating: start, count: 3))
        #expect(done == [[1, 1], [2, 2], [3, 3]])
    }

    @Test func `a program that cannot be started fails each file with its reason`() {
        var pool = SymbolizerPool(workerExecutable: "/nonexistent/sprof")
        let results = pool.symbolize([
            SymbolizeRequest(path: "a", addresses: []), SymbolizeRequest(path: "b", addresses: []),
        ])
        let failure = SymbolizeFailure.cannotStart(SystemError(code: ENOENT, operation: "start /nonexistent/sprof"))
        #expect(results == [.failure(failure), .failure(failure)])
    }

    @Test func `a large request and its large answer go through in pieces`() throws {
        let program = try FakeWorker.make()
        defer { FakeWorker.remove(program) }
        var pool = SymbolizerPool(workerExecutable: program, workerCount: 1)
        let addresses = (0..<20_000).map { FileAddress(UInt64($0)) }
        let results = pool.symbolize([SymbolizeRequest(path: "good", addresses: addresses)])
        #expect(try results[0].get().addresses.last?.frames.first?.linkageName == "f4e1f")
    }
}

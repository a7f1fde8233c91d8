import Primitives
import Testing

@testable import Symbolizer

@Suite struct RequestPartsTests {
    private func request(_ path: String, _ count: Int) -> SymbolizeRequest {
        SymbolizeRequest(path: path, addresses: (0..<count).map { FileAddress(UInt64($0)) })
    }

    /// An answer that names each address after itself.
    private func answer(_ request: SymbolizeRequest, source: String = "s") -> SymbolizeAnswer {
        SymbolizeAnswer(
            addresses: request.addresses.map { SymbolizedAddress(frames: [.init(linkageName: "\($0)")]) },
            warnings: ["w"], source: source)
    }

    @Test(arguments: [0, 1, 8191, 8192, 20_001])
    func `parts hold each address once, in order, and no more than there are workers`(count: Int) {
        let parts = RequestParts([request("a", count), request("b", 3)], workerCount: 3)
        #expect(parts.requests.count - 1 == max(1, min(3, count / RequestParts.addressCount)))
        #expect(parts.owners.last == 1)
        let whole = parts.requests.dropLast().flatMap(\.addresses)
        #expect(whole == request("a", count).addresses)
    }

    @Test func `answers of parts are put together as if there had been one`() throws {
        let requests = [request("a", 20_000), request("b", 2)]
        let parts = RequestParts(requests, workerCount: 4)
        #expect(parts.requests.count == 5)
        let joined = parts.joined(parts.requests.map { .success(answer($0)) })
        #expect(joined == requests.map { .success(answer($0)) })
    }

    @Test func `a part that fails costs its own names, and all parts that fail are one failure`() throws {
        let parts = RequestParts([request("a", 8192)], workerCount: 2)
        let failure = SymbolizeFailure.timedOut(seconds: 1)
        let joined = try parts.joined([.failure(failure), .success(answer(parts.requests[1]))])[0].get()
        #expect(joined.addresses.count == 8192)
        #expect(joined.addresses[4095].frames.isEmpty)
        #expect(joined.addresses[4096].frames.first?.linkageName == "0x1000")
        #expect(joined.warnings == ["w", failure.description])
        #expect(parts.joined([.failure(failure), .failure(.invalidAnswer)]) == [.failure(failure)])
    }

    @Test(.enabled(if: FakeWorker.isAvailable, "needs python3"))
    func `a pool shares a large request among its workers`() throws {
        let program = try FakeWorker.make()
        defer { FakeWorker.remove(program) }
        var pool = SymbolizerPool(workerExecutable: program, workerCount: 2)
        var done: [[Int]] = []
        let results = pool.symbolize([request("good", 10_000)]) { done.append([$0, $1]) }
        #expect(done == [[0, 5000], [1, 10_000]])
        #expect(try results[0].get().addresses[7000].frames.first?.linkageName == "f1b58")
    }
}

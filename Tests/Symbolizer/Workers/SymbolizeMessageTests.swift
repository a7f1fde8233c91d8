import Glibc
import Primitives
import Testing

@testable import Symbolizer

@Suite struct SymbolizeMessageTests {
    /// Two addresses in code that was inlined at the same place, and one that nothing is known of.
    private static let answer: SymbolizeAnswer = {
        let inlined = SymbolizedFunction(linkageName: "_Z1fv", displayName: "f()", startLine: 5)
        let main = SymbolizedFunction(linkageName: "main")
        let outer = InlinedCall(caller: SymbolizedFrame(main, file: "/a.cc", line: 9))
        let call = InlinedCall(caller: SymbolizedFrame(inlined, file: "/a.cc", line: 6), next: outer)
        return SymbolizeAnswer(
            addresses: [
                SymbolizedAddress(SymbolizedFrame(inlined, file: "/a.cc", line: 7), inlinedAt: call),
                SymbolizedAddress(SymbolizedFrame(inlined, file: "/b.h", line: 8), inlinedAt: call),
                SymbolizedAddress(),
            ], warnings: ["old", "älter"], source: "own", effort: .symbolTable)
    }()

    @Test func `a request comes out as it went in`() throws {
        let request = SymbolizeRequest(
            path: "/bin/ä", buildID: BuildID([1, 2, 3]), image: [4, 5], searchRoot: "/proc/1/root", debuginfod: true,
            addresses: [FileAddress(1), FileAddress(.max)])
        let work = WorkerRequest(request: request, effort: .ownDemanglers, timeLimitSeconds: 9)
        let bytes = try #require(work.encoded())
        let back = try WorkerRequest(decoding: Array(bytes[4...]), file: nil)
        #expect(back.effort == .ownDemanglers)
        #expect(back.timeLimitSeconds == 9)
        #expect(back.request.path == request.path)
        #expect(back.request.buildID == request.buildID)
        #expect(back.request.image == request.image)
        #expect(back.request.searchRoot == request.searchRoot)
        #expect(back.request.debuginfod)
        #expect(back.request.addresses == request.addresses)
    }

    @Test func `an answer comes out as it went in`() throws {
        let bytes = try #require(WorkerAnswer.success(Self.answer).encoded())
        guard
            case .success(let back) = try WorkerAnswer(
                decoding: Array(bytes[4...]), addressCount: Self.answer.addresses.count)
        else {
            Issue.record("no success")
            return
        }
        #expect(back == Self.answer)
        #expect(back.addresses[0].frames.map(\.line) == [7, 6, 9])
        #expect(back.addresses[0].inlinedAt === back.addresses[1].inlinedAt)
        #expect(back.addresses[0].innermost?.function === back.addresses[1].innermost?.function)
    }

    @Test func `callers that many addresses share are not believed without end`() throws {
        let function = SymbolizedFunction(linkageName: "f")
        var call: InlinedCall?
        for _ in 0..<(WorkerAnswer.frameLimit - 1) { call = InlinedCall(caller: SymbolizedFrame(function), next: call) }
        func encoded(_ call: InlinedCall?, count: Int) -> [UInt8]? {
            let address = SymbolizedAddress(SymbolizedFrame(function), inlinedAt: call)
            let answer = SymbolizeAnswer(addresses: Array(repeating: address, count: count))
            return WorkerAnswer.success(answer).encoded().map { Array($0[4...]) }
        }
        let deepest = try #require(encoded(call, count: 1))
        #expect(throws: Never.self) { try WorkerAnswer(decoding: deepest, addressCount: 1) }
        let deeper = try #require(encoded(InlinedCall(caller: SymbolizedFrame(function), next: call), count: 1))
        #expect(throws: WireError.self) { try WorkerAnswer(decoding: deeper, addressCount: 1) }
        #expect(encoded(call, count: WorkerAnswer.totalFrameLimit / WorkerAnswer.frameLimit + 1) == nil)
    }

    @Test func `an answer for another number of addresses is refused`() throws {
        let bytes = try #require(WorkerAnswer.success(Self.answer).encoded())
        #expect(throws: (any Error).self) { try WorkerAnswer(decoding: Array(bytes[4...]), addressCount: 2) }
    }

    @Test func `every truncated answer is refused`() throws {
        let bytes = Array(try #require(WorkerAnswer.success(Self.answer).encoded())[4...])
        for count in bytes.indices {
            #expect(throws: (any Error).self) {
                try WorkerAnswer(decoding: Array(bytes[..<count]), addressCount: Self.answer.addresses.count)
            }
        }
    }

    @Test func `changed answers and requests neither crash nor take much memory`() throws {
        let answer = Array(try #require(WorkerAnswer.success(Self.answer).encoded())[4...])
        let request = SymbolizeRequest(path: "/bin/a", buildID: BuildID([1]), addresses: [FileAddress(1)])
        let work = WorkerRequest(request: request, effort: .ownDemanglers, timeLimitSeconds: 9)
        let asked = Array(try #require(work.encoded())[4...])
        var random = SeededGenerator(seed: 1)
        for round in 0..<4000 {
            var bytes = round % 2 == 0 ? answer : asked
            for _ in 0..<(1 + round % 3) {
                bytes[Int.random(in: bytes.indices, using: &random)] = [0, 1, 0x7f, 0x80, 0xff].randomElement() ?? 0
            }
            _ = try? WorkerAnswer(decoding: bytes, addressCount: Self.answer.addresses.count)
            _ = try? WorkerRequest(decoding: bytes, file: nil)
        }
    }

    @Test func `the worker's loop answers over its socket until the other end closes`() throws {
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let ours = FileDescriptor(owning: ends[0])
        let request = SymbolizeRequest(path: "/bin/a", addresses: [FileAddress(1), FileAddress(2)])
        let work = WorkerRequest(request: request, effort: .full, timeLimitSeconds: 9)
        let message = try #require(work.encoded())
        try ours.write((message + message).rawSpan)
        #expect(shutdown(ends[0], Int32(SHUT_WR)) == 0)
        var count = 0
        do {
            let theirs = FileDescriptor(owning: ends[1])
            serveSymbolizeRequests(theirs, answeringTo: theirs) { work in
                count += 1
                return .failure(work.request.path)
            }
        }
        #expect(count == 2)
        let answers = try ours.readToEnd(limit: 1000)
        let one = try #require(WorkerAnswer.failure("/bin/a").encoded())
        #expect(answers == one + one)
    }
}

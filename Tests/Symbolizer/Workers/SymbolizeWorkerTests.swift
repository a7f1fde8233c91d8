import Glibc
import Primitives
import Testing

@testable import Symbolizer

/// What a worker answers, without the process around it, over a program that the test compiles.
@Suite struct SymbolizeWorkerTests {
    /// A C++ program, and where in it a function is.
    private struct Program {
        let folder = TemporaryFolder()
        let path: String
        let address: FileAddress

        /// Nil without a compiler.
        init?() {
            path = folder.path + "/program"
            let source = "namespace shop { __attribute__((noinline)) int sell(int x) { return x * 3; } }\\n"
            let main = "int main(int c, char **) { return shop::sell(c); }\\n"
            let compile = "printf '\(source)\(main)' | g++ -O1 -g -x c++ -o '\(path)' - 2>/dev/null"
            guard system(compile) == 0, let output = popen("nm '\(path)' | grep _ZN4shop4sellEi", "r") else {
                return nil
            }
            defer { pclose(output) }
            var value: UInt64 = 0
            var line = [CChar](repeating: 0, count: 256)
            guard fgets(&line, 256, output) != nil else { return nil }
            value = strtoull(line, nil, 16)
            address = FileAddress(value)
        }

        func request() throws -> SymbolizeRequest {
            let file = OpenFile(try FileDescriptor(opening: path))
            return SymbolizeRequest(path: path, file: file, addresses: [FileAddress(0), address])
        }
    }

    private static let hasCompiler = system("{ command -v g++ && command -v nm; } >/dev/null 2>&1") == 0

    private func answer(_ request: SymbolizeRequest, effort: SymbolizeEffort = .full) throws -> SymbolizeAnswer {
        let work = WorkerRequest(request: request, effort: effort, timeLimitSeconds: 60)
        // Through the wire, as in life.
        let bytes = try #require(answerSymbolizeRequest(work).encoded())
        let back = try WorkerAnswer(decoding: Array(bytes[4...]), addressCount: request.addresses.count)
        guard case .success(let answer) = back else {
            Issue.record("\(back)")
            return SymbolizeAnswer(addresses: [])
        }
        return answer
    }

    @Test(.enabled(if: hasCompiler, "needs g++ and nm"))
    func `a function has its raw and its readable name and its line`() throws {
        let program = try #require(Program())
        let answer = try answer(program.request())
        let frame = try #require(answer.addresses[1].frames.last)
        #expect(answer.addresses[0].frames.isEmpty)
        #expect(frame.linkageName == "_ZN4shop4sellEi")
        #expect(frame.displayName == "shop::sell(int)")
        #expect(frame.line == 1)
        #expect(answer.source == "debug information of \(program.path)")
    }

    @Test(.enabled(if: hasCompiler, "needs g++ and nm"))
    func `with the symbol table alone no system demangler is used`() throws {
        let program = try #require(Program())
        let answer = try answer(program.request(), effort: .symbolTable)
        #expect(answer.effort == .symbolTable)
        let frame = SymbolizedFrame(linkageName: "_ZN4shop4sellEi", displayName: "shop::sell(int)")
        #expect(answer.addresses[1].frames == [frame])
    }

    @Test(.enabled(if: hasCompiler, "needs g++ and nm"))
    func `without system demanglers a C++ function has its readable name and its line`() throws {
        let program = try #require(Program())
        let frame = try #require(answer(program.request(), effort: .ownDemanglers).addresses[1].innermost)
        #expect(frame.linkageName == "_ZN4shop4sellEi")
        #expect(frame.displayName == "shop::sell(int)")
        #expect(frame.line == 1)
    }

    @Test func `a file that is no program, and none at all, are refused in words`() throws {
        let text = try TemporaryFile("no program")
        let file = OpenFile(try FileDescriptor(opening: text.path))
        for file in [file, nil] {
            let request = SymbolizeRequest(path: text.path, file: file, addresses: [FileAddress(1)])
            let work = WorkerRequest(request: request, effort: .full, timeLimitSeconds: 60)
            guard case .failure(let message) = answerSymbolizeRequest(work) else {
                Issue.record("not refused")
                continue
            }
            #expect(message.contains(text.path))
        }
    }
}

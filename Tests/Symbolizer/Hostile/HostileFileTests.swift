import Glibc
import Primitives
import Testing

@testable import Symbolizer

/// Files that crash or hang whoever reads them cost their own names, the account says so, and the others keep theirs.
@Suite(
    .serialized,
    .enabled(if: HostileProgram.isAvailable && SprofBinary.path != nil, "needs gcc, python3, objcopy and sprof"))
struct HostileFileTests {
    private let programs: CompiledPrograms
    private let good: String

    init() throws {
        programs = try CompiledPrograms()
        good = try programs.compile(
            "int hot_loop(int x) { return x * 3; } int main(void) {}", "gcc -O1 -g", name: "good")
    }

    /// The answers for the `paths`, whose symbol tables tell where their functions are, between two of a good file.
    private func answers(
        for files: [(path: String, symbol: String)], seconds: Int, workers: Int = 2
    ) throws -> [Result<SymbolizeAnswer, SymbolizeFailure>] {
        let all = [(good, "hot_loop")] + files + [(good, "hot_loop")]
        var pool = SymbolizerPool(
            workerExecutable: try #require(SprofBinary.path), workerCount: workers,
            limits: SymbolizerPoolLimits(secondsPerFile: seconds))
        return pool.symbolize(
            try all.map { path, symbol in
                SymbolizeRequest(
                    path: path, file: OpenFile(try FileDescriptor(opening: path)),
                    addresses: [try address(of: symbol, in: path)])
            })
    }

    private func address(of symbol: String, in path: String) throws -> FileAddress {
        let file = try ElfFile(try FileDescriptor(opening: path), path: path)
        var symbols = SymbolTable()
        _ = symbols.add(file, section: ".symtab")
        symbols.finish()
        let lines = CompiledPrograms.output("nm '\(path)'").split(separator: "\n")
        let line = try #require(lines.first { $0.hasSuffix(" " + symbol) })
        return FileAddress(try #require(UInt64(line.prefix { $0 != " " }, radix: 16)))
    }

    private func name(_ answer: Result<SymbolizeAnswer, SymbolizeFailure>) throws -> String? {
        try answer.get().addresses.first?.frames.last?.linkageName
    }

    @Test(arguments: HostileProgram.allCases)
    func `its function has a name, in bounded time, and the files beside it are untouched`(kind: HostileProgram) throws
    {
        let path = try kind.make(in: programs, name: kind.rawValue)
        // The demangler that is not ours takes 6 GB and some 5 s over the doubling symbol before it gives up.
        let answers = try answers(for: [(path, kind.symbol)], seconds: kind == .doublingSymbol ? 2 : 10)
        #expect(try name(answers[0]) == "hot_loop")
        #expect(try name(answers[2]) == "hot_loop")
        #expect(try name(answers[1]) == kind.symbol, "\(kind)")
        let answer = try answers[1].get()
        switch kind {
        case .doublingSymbol:
            #expect(answer.effort == .ownDemanglers)
            #expect(answer.warnings.contains { $0.contains("names stay mangled") })
            #expect(answer.addresses[0].innermost?.startLine == 7)
        case .longSymbol:
            #expect(answer.effort == .full)
            #expect(answer.addresses[0].innermost?.startLine == 7)
        case .inflatedLines:
            #expect(answer.warnings.contains { $0.contains(".debug_line") }, "\(answer.warnings)")
        default: break
        }
        #expect(answer.addresses[0].frames.count <= WorkerAnswer.frameLimit)
    }

    @Test(.enabled(if: SilentFileSystem.isAvailable, "needs root and FUSE"))
    func `a debug file on a file system that does not answer is given up`() throws {
        let path = try HostileProgram.pipeLink.make(in: programs, name: "linked")
        unlink(path + ".debug")
        let mount = try SilentFileSystem(at: programs.folder + "/.debug")
        defer { mount.end() }
        let answers = try answers(for: [(path, "hot_loop")], seconds: 5)
        #expect(try name(answers[0]) == "hot_loop")
        #expect(try name(answers[1]) == "hot_loop")
        #expect(try answers[1].get().warnings.contains { $0.contains("took longer than 5 s") })
    }

    @Test func `a file of which there is less than when it was opened costs its own names`() throws {
        let path = try HostileProgram.deepTree.make(in: programs, name: "shrinking")
        let address = try address(of: "hot_loop", in: path)
        let file = OpenFile(try FileDescriptor(opening: path))
        #expect(truncate(path, 5000) == 0)
        var pool = SymbolizerPool(workerExecutable: try #require(SprofBinary.path), workerCount: 1)
        let answers = pool.symbolize([
            SymbolizeRequest(path: path, file: file, addresses: [address]),
            SymbolizeRequest(
                path: good, file: OpenFile(try FileDescriptor(opening: good)),
                addresses: [try self.address(of: "hot_loop", in: good)]),
        ])
        #expect(try answers[0].get().addresses.count == 1)
        #expect(try name(answers[1]) == "hot_loop")
    }
}

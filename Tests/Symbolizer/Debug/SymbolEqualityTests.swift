import Primitives
import SymbolComparison
import Testing

@testable import Symbolizer

/// Inline chains, names and lines at random addresses of small programs of every kind, against llvm-symbolizer and against
/// libdw. Large programs are compared by `make compare-symbols`; docs/symbolizing-differences.md explains what differs.
@Suite(
    .serialized,
    .enabled(
        if: CompiledPrograms.has("gcc") && CompiledPrograms.has("llvm-symbolizer"), "needs gcc and llvm-symbolizer"))
struct SymbolEqualityTests {
    /// How a program is made, and which of its files hold what.
    struct Kind: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var tools: [String]
        var file = "program.cpp"
        var commands: String
        /// The file with debug information, where it is another than `program`.
        var debugFile = "program"
        var alternateFile: String?
        var isAvailable: Bool { tools.allSatisfy { CompiledPrograms.has($0) } }
    }

    static let kinds = [
        Kind(testDescription: "C++", tools: ["g++"], commands: "g++ -O2 -g program.cpp -o program"),
        Kind(testDescription: "C++, DWARF 4", tools: ["g++"], commands: "g++ -O2 -g -gdwarf-4 program.cpp -o program"),
        Kind(
            testDescription: "C++, link-time optimisation", tools: ["g++"],
            commands: "g++ -O2 -g -flto program.cpp -o program"),
        Kind(testDescription: "C++ by clang", tools: ["clang++"], commands: "clang++ -O2 -g program.cpp -o program"),
        Kind(
            testDescription: "C++, split DWARF 4", tools: ["g++"],
            commands: "g++ -O2 -g -gdwarf-4 -gsplit-dwarf -c program.cpp && g++ program.o -o program"),
        Kind(
            testDescription: "C++, split DWARF 5", tools: ["g++"],
            commands: "g++ -O2 -g -gdwarf-5 -gsplit-dwarf -c program.cpp && g++ program.o -o program"),
        Kind(
            testDescription: "C++ by clang, split DWARF 4", tools: ["clang++"],
            commands: "clang++ -O2 -g -gdwarf-4 -gsplit-dwarf -c program.cpp && clang++ program.o -o program"),
        Kind(
            testDescription: "C++ by clang, split DWARF 5", tools: ["clang++"],
            commands: "clang++ -O2 -g -gdwarf-5 -gsplit-dwarf -c program.cpp && clang++ program.o -o program"),
        Kind(
            testDescription: "C++, package of DWARF 4", tools: ["g++", "dwp"],
            commands: "g++ -O2 -g -gdwarf-4 -gsplit-dwarf -c program.cpp && g++ program.o -o program"
                + " && cp program whole && dwp -o program.dwp program.dwo && mv program.dwo kept.dwo",
            debugFile: "whole"),
        // By LLVM: GNU dwp 2.40 knows DWARF 4 only, and leaves the range lists out.
        Kind(
            testDescription: "C++, package of DWARF 5", tools: ["g++", "llvm-dwp"],
            commands: "g++ -O2 -g -gdwarf-5 -gsplit-dwarf -c program.cpp && g++ program.o -o program"
                + " && cp program whole && llvm-dwp -o program.dwp program.dwo && mv program.dwo kept.dwo",
            debugFile: "whole"),
        Kind(
            testDescription: "C++, common parts in a file of dwz", tools: ["g++", "dwz"],
            commands: "g++ -O2 -g program.cpp -o program && cp program other && dwz -m common program other",
            alternateFile: "common"),
        Kind(
            testDescription: "C++, stripped, with a debug link", tools: ["g++", "objcopy", "strip"],
            commands: "g++ -O2 -g program.cpp -o program && objcopy --only-keep-debug program whole"
                + " && strip program && objcopy --add-gnu-debuglink=whole program",
            debugFile: "whole"),
        Kind(
            testDescription: "Rust", tools: ["rustc"], file: "program.rs",
            commands: "rustc -O -g program.rs -o program"),
        Kind(
            testDescription: "Swift", tools: ["swiftc"], file: "program.swift",
            commands: "swiftc -O -g program.swift -o program"),
        Kind(
            testDescription: "Go, compressed", tools: ["go"], file: "program.go",
            commands: "GOFLAGS= go build -o program program.go"),
    ]

    @Test(arguments: kinds)
    func `at 2000 random addresses all is as libdw and llvm-symbolizer say, or explained`(kind: Kind) throws {
        guard kind.isAvailable else {
            try Test.cancel("needs \(kind.tools.joined(separator: ", "))")
        }
        let programs = try CompiledPrograms()
        let folder = programs.folder
        let source = try #require(SampleSources.all[kind.file])
        let file = try FileDescriptor(opening: folder + "/" + kind.file, 0o101, mode: 0o600)
        try file.write(Array(source.utf8).rawSpan)
        try #require(CompiledPrograms.shell("cd \(folder) && { \(kind.commands); } >log 2>&1"))
        let path = folder + "/program"
        let addresses = try RandomAddresses(file: path, seed: 20_26).addresses(2000)
        var symbolizer = try FileSymbolizer(
            file: FileDescriptor(opening: path), path: path, buildID: nil, options: SymbolizerOptions())
        let ours = symbolizer.symbolize(addresses)
        #expect(symbolizer.sources.warnings == [])

        let tools = try PeerTools()
        let llvm = try #require(try tools.llvm(path, addresses))
        // The walk is offered the .dwo file that a package replaces.
        if kind.testDescription.contains("package") {
            _ = CompiledPrograms.shell("cd \(folder) && mv kept.dwo program.dwo")
        }
        let walk = try #require(
            try tools.walk(
                folder + "/" + kind.debugFile, alternate: kind.alternateFile.map { folder + "/" + $0 } ?? "",
                source: Self.walkSource, addresses), "walk.c needs libdw-dev")
        try #require(walk.count == addresses.count && llvm.count == addresses.count)
        let withWalk = Comparison(walk: walk, addresses: addresses, ours: ours)
        let withLLVM = Comparison(llvm: llvm, walk: walk, addresses: addresses, ours: ours)
        #expect(withWalk.unexplained == [])
        #expect(withLLVM.unexplained == [])
        // A comparison of nothing with nothing would pass as well.
        #expect(withWalk.equalCount > addresses.count / 2)
        #expect(withWalk.frameCount > addresses.count)
    }

    private static let walkSource =
        #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 } + "/Benchmarks/symbolizing/walk.c"
}

import ELF
import Glibc
import Primitives
import Testing

@testable import Symbolizer

/// Cut and changed copies of every kind of file, each read by a real worker: none hangs, and none takes others with it.
@Suite(
    .serialized,
    .enabled(if: CompiledPrograms.has("g++") && SprofBinary.path != nil, "needs g++ and sprof"))
struct DamagedFixtureTests {
    private let programs: CompiledPrograms

    /// A kind of file and how it is made.
    private struct Kind {
        let name: String
        /// Compiler and options; the names of the file to make and of the source come behind them.
        let command: String
        var language = "cpp"
        /// A tool for the file that was made.
        var after = ""
        /// Programs of languages with a runtime of their own are large.
        var copyCount = 16
    }

    /// Each with a function `hot_loop`.
    private static let sources = [
        "cpp": """
        #include <vector>
        template <typename T> static inline T twice(T x) { return x * 2; }
        struct Shape { virtual int area(int) const { return 1; } virtual ~Shape() {} };
        struct Square : Shape { int side; int area(int k) const override { return twice(side * k); } };
        __attribute__((noinline)) int hot_loop(int x) { std::vector<int> v(x, 1); return twice(v[0]) + (int)v.size(); }
        int main(int n, char **) { Square s; s.side = n; const Shape *p = &s; return p->area(3) + hot_loop(n); }
        """,
        "go": """
        package main
        import "os"
        //go:noinline
        func hot_loop(words []string) (n int) { for _, w := range words { n += len(w) }; return }
        func main() { os.Exit(hot_loop(os.Args) % 2) }
        """,
        "rs": """
        #[inline(never)]
        fn hot_loop(words: Vec<String>) -> usize { words.iter().map(|w| w.len()).sum() }
        fn main() { std::process::exit((hot_loop(std::env::args().collect()) % 2) as i32) }
        """,
        "swift": """
        @inline(never) func hot_loop(_ words: [String]) -> Int { words.reduce(0) { $0 + $1.utf8.count } }
        print(hot_loop(CommandLine.arguments))
        """,
    ]

    private static let kinds = [
        Kind(name: "dwarf5", command: "g++ -O1 -g -gdwarf-5 -gz=none"),
        Kind(name: "dwarf4", command: "g++ -O1 -g -gdwarf-4 -gz=none"),
        Kind(name: "dwarf2", command: "g++ -O1 -g -gdwarf-2 -gz=none -no-pie"),
        Kind(name: "compressed", command: "g++ -O1 -g -gz=zlib"),
        Kind(name: "oldcompressed", command: "g++ -O1 -g -gz=zlib-gnu"),
        Kind(name: "split", command: "g++ -O1 -g -gsplit-dwarf"),
        Kind(name: "symbols", command: "g++ -O1"), Kind(name: "stripped", command: "g++ -O1 -s"),
        Kind(name: "static", command: "g++ -O1 -g -static-libgcc -static-libstdc++"),
        Kind(name: "shared", command: "g++ -O1 -g -gz=none", after: "dwz"),
        Kind(name: "go", command: "go build", language: "go", copyCount: 8),
        Kind(name: "gostripped", command: "go build -ldflags=-s", language: "go", copyCount: 8),
        Kind(name: "rust", command: "rustc -O -g", language: "rs", copyCount: 8),
        Kind(name: "swift", command: "swiftc -O -g", language: "swift", copyCount: 8),
    ]

    init() throws {
        programs = try CompiledPrograms()
    }

    /// The copy with that number: the first four are cut, the others changed in places.
    private func damaged(_ bytes: [UInt8], _ copy: Int, _ random: inout SeededGenerator) -> [UInt8] {
        var damaged = bytes
        if copy < 4 {
            damaged.removeLast(damaged.count / 5 * (copy + 1))
        } else {
            for _ in 0..<(4 << (copy % 4 * 2)) {
                let place = Int.random(in: damaged.indices, using: &random)
                damaged[place] = [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &random)][copy % 6]
            }
        }
        return damaged
    }

    private func addresses(in path: String) throws -> [FileAddress] {
        let image = try ElfImage(reading: try FileDescriptor(opening: path))
        let start = image.section(named: ".text")?.address.value ?? 0x1000
        return (0..<16).map { FileAddress(start + UInt64($0) * 37) }
    }

    @Test(.enabled(if: CompiledPrograms.has("dwz"), "needs dwz"))
    func `a program is answered whatever the file of parts that it has in common with others looks like`() throws {
        let source = try #require(Self.sources["cpp"])
        let program = try programs.compile(source, "g++ -O1 -g -gz=none", name: "program", language: "cpp")
        let folder = programs.folder
        try #require(
            CompiledPrograms.shell(
                "cd '\(folder)' && cp program other && dwz -m common program other && test -s common"))
        let bytes = try FileDescriptor(opening: folder + "/common").readToEnd(limit: 64 << 20)
        let known = CompiledPrograms.output("nm '\(program)'").split(separator: "\n").first { $0.contains("hot_loop") }
        let start = try #require(known.flatMap { UInt64($0.prefix { $0 != " " }, radix: 16) })
        var random = SeededGenerator(seed: 8)
        var requests: [SymbolizeRequest] = []
        for copy in 0..<24 {
            // The common file is looked for beside the program.
            let path = "\(folder)/damaged-\(copy)/program"
            try #require(CompiledPrograms.shell("mkdir '\(folder)/damaged-\(copy)' && cp '\(program)' '\(path)'"))
            try FileDescriptor(opening: "\(folder)/damaged-\(copy)/common", O_WRONLY | O_CREAT, mode: 0o600)
                .write(damaged(bytes, copy, &random).rawSpan)
            let file = OpenFile(try FileDescriptor(opening: path))
            let around = (0..<8).map { FileAddress(start + $0 * 4) }
            requests.append(SymbolizeRequest(path: path, file: file, addresses: try addresses(in: path) + around))
        }
        let file = OpenFile(try FileDescriptor(opening: program))
        requests.append(SymbolizeRequest(path: program, file: file, addresses: [FileAddress(start)]))
        var pool = SymbolizerPool(
            workerExecutable: try #require(SprofBinary.path), workerCount: 2,
            limits: SymbolizerPoolLimits(secondsPerFile: 20))
        let answers = pool.symbolize(requests)
        #expect(answers.count == requests.count)
        for (request, answer) in zip(requests, answers) {
            // The program's own symbols are sound in all of them.
            let frames = try answer.get().addresses[request.addresses.count > 1 ? 16 : 0].frames
            #expect(frames.last?.linkageName.contains("hot_loop") == true, "\(request.path): \(frames)")
        }
        #expect(try answers[24].get().addresses[0].frames.last?.file.hasSuffix(".cpp") == true)
    }

    @Test func `every copy of every kind is answered, and the sound file after it has its name`() throws {
        var random = SeededGenerator(seed: 7)
        var requests: [SymbolizeRequest] = []
        var sound: Set<Int> = []
        func add(_ path: String, _ addresses: [FileAddress]) throws {
            let file = OpenFile(try FileDescriptor(opening: path))
            requests.append(SymbolizeRequest(path: path, file: file, addresses: addresses))
        }
        for kind in Self.kinds {
            let after = kind.after.isEmpty ? "" : "&& \(kind.after) '\(programs.folder)/\(kind.name)'"
            guard let source = Self.sources[kind.language],
                let path = try? programs.compile(
                    source, kind.command, name: kind.name, language: kind.language, linking: after)
            else { continue }
            let bytes = try FileDescriptor(opening: path).readToEnd(limit: 64 << 20)
            let addresses = try addresses(in: path)
            for copy in 0..<kind.copyCount {
                let damaged = damaged(bytes, copy, &random)
                let name = "\(programs.folder)/\(kind.name)-\(copy)"
                try FileDescriptor(opening: name, O_WRONLY | O_CREAT, mode: 0o600).write(damaged.rawSpan)
                try add(name, addresses)
            }
            // Of the function itself, not of a part of it that is marked as such.
            let known = CompiledPrograms.output("nm '\(path)'").split(separator: "\n").first {
                $0.contains("hot_loop") && ($0.contains(" t ") || $0.contains(" T "))
            }
            guard let digits = known?.prefix(while: { $0 != " " }), let value = UInt64(digits, radix: 16) else {
                continue
            }
            sound.insert(requests.count)
            try add(path, [FileAddress(value)])
        }
        try #require(requests.count > 100 && sound.count > 6)
        var pool = SymbolizerPool(
            workerExecutable: try #require(SprofBinary.path), workerCount: 2,
            limits: SymbolizerPoolLimits(secondsPerFile: 20))
        let answers = pool.symbolize(requests)
        for (index, answer) in answers.enumerated() {
            if case .failure(.timedOut) = answer { Issue.record("\(requests[index].path) took too long") }
            if case .failure(.invalidAnswer) = answer { Issue.record("\(requests[index].path): no answer") }
            if sound.contains(index) {
                #expect(try answer.get().addresses[0].frames.last?.linkageName.contains("hot_loop") == true)
            }
        }
    }
}

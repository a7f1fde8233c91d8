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

    private static let source = """
        #include <vector>
        template <typename T> static inline T twice(T x) { return x * 2; }
        struct Shape { virtual int area(int) const { return 1; } virtual ~Shape() {} };
        struct Square : Shape { int side; int area(int k) const override { return twice(side * k); } };
        __attribute__((noinline)) int hot_loop(int x) { std::vector<int> v(x, 1); return twice(v[0]) + (int)v.size(); }
        int main(int n, char **) { Square s; s.side = n; const Shape *p = &s; return p->area(3) + hot_loop(n); }
        """

    /// How each kind is made of `program.cpp`, `$0` being the file to make.
    private static let kinds: [(name: String, command: String)] = [
        ("dwarf5", "g++ -O1 -g -gdwarf-5 -gz=none"), ("dwarf4", "g++ -O1 -g -gdwarf-4 -gz=none"),
        ("dwarf2", "g++ -O1 -g -gdwarf-2 -gz=none -no-pie"), ("compressed", "g++ -O1 -g -gz=zlib"),
        ("oldcompressed", "g++ -O1 -g -gz=zlib-gnu"), ("split", "g++ -O1 -g -gsplit-dwarf"),
        ("symbols", "g++ -O1"), ("stripped", "g++ -O1 -s"), ("static", "g++ -O1 -g -static-libgcc -static-libstdc++"),
    ]

    init() throws {
        programs = try CompiledPrograms()
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
            guard let path = try? programs.compile(Self.source, kind.command, name: kind.name, language: "cpp") else {
                continue
            }
            let bytes = try FileDescriptor(opening: path).readToEnd(limit: 64 << 20)
            let addresses = (0..<16).map { FileAddress(0x1000 + UInt64($0) * 37) }
            for copy in 0..<16 {
                var damaged = bytes
                if copy < 4 {
                    damaged.removeLast(damaged.count / 5 * (copy + 1))
                } else {
                    for _ in 0..<(4 << (copy % 4 * 2)) {
                        let place = Int.random(in: damaged.indices, using: &random)
                        damaged[place] = [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &random)][copy % 6]
                    }
                }
                let name = "\(programs.folder)/\(kind.name)-\(copy)"
                try FileDescriptor(opening: name, O_WRONLY | O_CREAT, mode: 0o600).write(damaged.rawSpan)
                try add(name, addresses)
            }
            let known = CompiledPrograms.output("nm '\(path)'").split(separator: "\n").first { $0.contains("hot_loop") }
            guard let digits = known?.prefix(while: { $0 != " " }), let value = UInt64(digits, radix: 16) else {
                continue
            }
            sound.insert(requests.count)
            try add(path, [FileAddress(value)])
        }
        try #require(requests.count > 100 && sound.count > 4)
        var pool = SymbolizerPool(
            workerExecutable: try #require(SprofBinary.path), workerCount: 2,
            limits: SymbolizerPoolLimits(secondsPerFile: 20))
        let answers = pool.symbolize(requests)
        for (index, answer) in answers.enumerated() {
            if case .failure(.timedOut) = answer { Issue.record("\(requests[index].path) took too long") }
            if case .failure(.invalidAnswer) = answer { Issue.record("\(requests[index].path): no answer") }
            if sound.contains(index) {
                #expect(try answer.get().addresses[0].frames.last?.linkageName == "_Z8hot_loopi")
            }
        }
    }
}

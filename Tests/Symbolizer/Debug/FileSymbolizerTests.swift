import Glibc
import Primitives
import Testing

@testable import Symbolizer

/// Runs a command line; its output, or nil if it failed or takes longer than a minute.
private func shell(_ command: String) -> String? {
    guard let pipe = unsafe popen("timeout 60 sh -c '" + command + "' 2>/dev/null", "r") else { return nil }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = unsafe fread(&chunk, 1, chunk.count, pipe)
        if count == 0 { break }
        bytes.append(contentsOf: chunk[..<count])
    }
    return unsafe pclose(pipe) == 0 ? String(decoding: bytes, as: UTF8.self) : nil
}

private func has(_ tools: String...) -> Bool {
    tools.allSatisfy { shell("command -v " + $0) != nil }
}

private let source = """
    #include <algorithm>
    #include <cstdio>
    #include <string>
    #include <vector>
    namespace space {
    struct Counter {
        std::vector<int> values;
        int above(int limit) const {
            return std::count_if(values.begin(), values.end(), [limit](int value) { return value > limit; });
        }
    };
    }
    static int square(int x) { return x * x; }
    int main(int count, char **) {
        space::Counter counter;
        for (int i = 0; i < count * 10; i++) counter.values.push_back(square(i));
        std::sort(counter.values.begin(), counter.values.end(), [](int a, int b) { return a > b; });
        std::string text = std::to_string(counter.above(7));
        puts(text.c_str());
    }
    """

@Suite struct FileSymbolizerTests {
    /// Compiles the sample with `flags`; the folder that holds `program`.
    private func compile(_ flags: String, then: String = "true") throws -> String {
        let folder = try #require(shell("mktemp -d")).trimmed
        let file = try FileDescriptor(opening: folder + "/a.cpp", O_WRONLY | O_CREAT, mode: 0o600)
        try file.write(Array(source.utf8).rawSpan)
        try #require(shell("cd \(folder) && g++ a.cpp -o program \(flags) && \(then)") != nil)
        return folder
    }

    private func textAddresses(_ path: String) throws -> [FileAddress] {
        let elf = try ElfFile(FileDescriptor(opening: path), path: path)
        let text = try #require(elf.sections.first { $0.name == ".text" })
        return stride(from: text.address, to: text.address + text.size, by: 3).map { FileAddress($0) }
    }

    @Test(
        "The inline chain and lines of every third code byte are those of llvm-symbolizer",
        .enabled(if: has("g++", "llvm-symbolizer"), "needs g++ and llvm-symbolizer"),
        arguments: [
            "-O2 -g -gdwarf-2", "-O2 -g -gdwarf-3", "-O2 -g -gdwarf-4", "-O2 -g -gdwarf-5", "-O2 -g -gdwarf64",
            "-O2 -g -gsplit-dwarf -gdwarf-4", "-O2 -g -gsplit-dwarf -gdwarf-5", "-O2 -g -gz", "-O2 -g -gz=zlib-gnu",
            "-O2 -g -flto", "-O0 -g",
        ])
    func agreesWithPeer(flags: String) throws {
        let folder = try compile(flags)
        defer { _ = shell("rm -r \(folder)") }
        let path = folder + "/program"
        let addresses = try textAddresses(path)
        var symbolizer = try FileSymbolizer(
            file: FileDescriptor(opening: path), path: path, buildID: nil, options: SymbolizerOptions())
        let results = symbolizer.symbolize(addresses)
        let list = try FileDescriptor(opening: folder + "/list", O_WRONLY | O_CREAT, mode: 0o600)
        try list.write(Array(addresses.map(\.description).joined(separator: "\n").utf8).rawSpan)
        let output = try #require(shell("llvm-symbolizer --no-demangle -i -e \(path) < \(folder)/list"))
        var expected: [[(name: Substring, position: String)]] = [[]]
        var name: Substring?
        for line in output.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                expected.append([])
                name = nil
            } else if let known = name {
                let parts = line.split(separator: ":")
                expected[expected.count - 1].append((known, SourcePath.normalised("\(parts[0]):\(parts[1])")))
                name = nil
            } else {
                name = line
            }
        }
        var wrong = 0
        var chains = 0
        for (result, peer) in zip(results, expected) {
            // Padding has lines but no function; start-up code has a symbol but no lines.
            if result.frames.isEmpty || peer.count == 1 && result.frames.allSatisfy({ $0.line == 0 }) { continue }
            if result.frames.count > 1 { chains += 1 }
            let ours = result.frames.map { "\($0.file):\($0.line)" }
            let sameNames = zip(result.frames.dropLast(), peer).allSatisfy { $0.linkageName == $1.name }
            if ours != peer.map(\.position) || !sameNames { wrong += 1 }
        }
        #expect(wrong == 0)
        #expect(chains > 20 || flags.contains("-O0"))
        #expect(symbolizer.sources.warnings.isEmpty)
    }

    @Test(
        "A stripped binary is answered from the file that its debug link names, and only from the right one",
        .enabled(if: has("g++", "objcopy", "strip"), "needs binutils"))
    func debugLink() throws {
        let folder = try compile(
            "-O2 -g -Wl,--build-id=none",
            then: "objcopy --only-keep-debug program p.debug && strip program "
                + "&& objcopy --add-gnu-debuglink=p.debug program")
        defer { _ = shell("rm -r \(folder)") }
        let path = folder + "/program"
        let addresses = try textAddresses(path)
        var symbolizer = try FileSymbolizer(
            file: FileDescriptor(opening: path), path: path, buildID: nil, options: SymbolizerOptions())
        #expect(symbolizer.sources.debugInformation == .debugLink(folder + "/p.debug"))
        #expect(
            symbolizer.symbolize(addresses).contains { $0.frames.last?.linkageName == "main" && $0.frames.count > 1 })
        _ = shell("echo x >> \(folder)/p.debug")
        let refused = try FileSymbolizer(
            file: FileDescriptor(opening: path), path: path, buildID: nil, options: SymbolizerOptions())
        #expect(refused.sources.debugInformation == nil)
        #expect(refused.sources.warnings.contains { $0.contains("checksum") })
    }

    @Test(
        "Truncated and mutated files end in an error or in fewer names, never in a trap",
        .enabled(if: has("g++"), "needs g++"), arguments: ["-gdwarf-4", "-gdwarf-5"])
    func damagedFiles(version: String) throws {
        let folder = try compile("-O1 -g \(version)")
        defer { _ = shell("rm -r \(folder)") }
        let path = folder + "/program"
        let addresses = try textAddresses(path)
        let elf = try ElfFile(FileDescriptor(opening: path), path: path)
        var random = Xorshift(state: 88_172_645_463_325_252)
        for name in ["info", "abbrev", "line", "ranges", "rnglists", "str"] {
            let good = elf.debugContents(name)
            guard !good.isEmpty else { continue }
            for round in 0..<30 {
                var bytes = [UInt8](copying: good.bytes)
                if round % 3 == 0 {
                    bytes.removeLast(Int(random.next() % UInt64(bytes.count)))
                } else {
                    for _ in 0..<(1 << (round % 8)) {
                        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
                    }
                }
                var sections = DebugSections(elf)
                switch name {
                case "info": sections.info = SectionBytes(bytes)
                case "abbrev": sections.abbreviations = SectionBytes(bytes)
                case "line": sections.lines = SectionBytes(bytes)
                case "ranges": sections.ranges = SectionBytes(bytes)
                case "rnglists": sections.rangeLists = SectionBytes(bytes)
                default: sections.strings = SectionBytes(bytes)
                }
                let symbolizer = DebugSymbolizer(DebugFile(sections), code: elf.code) { _ in nil }
                var functions = FunctionStore(SymbolTable(), .none)
                var results = [SymbolizedAddress](repeating: SymbolizedAddress(), count: addresses.count)
                _ = symbolizer.symbolize(addresses.map(\.value), &functions, into: &results)
                #expect(results.count == addresses.count)
            }
        }
    }

    @Test("A file damaged anywhere is refused or answered, never a trap", .enabled(if: has("g++"), "needs g++"))
    func damagedAnywhere() throws {
        let folder = try compile("-O1 -g")
        defer { _ = shell("rm -r \(folder)") }
        let path = folder + "/program"
        let addresses = try textAddresses(path)
        let good = try FileDescriptor(opening: path).readToEnd(limit: 1 << 26)
        var random = Xorshift(state: 2_463_534_242)
        for round in 0..<80 {
            var bytes = good
            for _ in 0..<(8 << (round % 8)) {
                // The ELF header stays, or nothing behind it would be read.
                let index = 64 + Int(random.next() % UInt64(bytes.count - 64))
                // Ones in all bits are what makes numbers huge.
                bytes[index] = round % 2 == 0 ? 0xff : UInt8(truncatingIfNeeded: random.next())
            }
            guard var symbolizer = try? FileSymbolizer(image: bytes, path: "damaged") else { continue }
            #expect(symbolizer.symbolize(addresses).count == addresses.count)
        }
    }

    @Test("What is not an ELF file is refused with its path")
    func notELF() {
        #expect(throws: SymbolizerError.self) { _ = try FileSymbolizer(image: [1, 2, 3], path: "nothing") }
        #expect(throws: SymbolizerError.self) { _ = try FileSymbolizer(image: [], path: "nothing") }
    }
}

@Suite struct SourcePathTests {
    @Test("Dots and double slashes disappear where the text alone allows it")
    func normalised() {
        #expect(SourcePath.normalised("/a/./b//c/../d") == "/a/b/d")
        #expect(SourcePath.normalised("../a/b") == "../a/b")
        #expect(SourcePath.normalised("/../a") == "/a")
        #expect(SourcePath.normalised("a/..") == "")
    }
}

/// Repeatable random numbers.
private struct Xorshift {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

extension String {
    fileprivate var trimmed: String { String(prefix { $0 != "\n" }) }
}

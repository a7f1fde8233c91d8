import ELF
import Glibc
import GoRuntimeTables
import Primitives
import Testing

@testable import StackUnwinder
@testable import Symbolizer

/// The tables of programs that Go's own tools describe a second time.
@Suite(.serialized, .enabled(if: CompiledPrograms.has("go"), "needs go"))
struct GoFunctionTableTests {
    static let program = #"""
        package main
        import ("fmt"; "os"; "sort"; "strings")
        type shape interface{ area() float64 }
        type square struct{ side float64 }
        func (s square) area() float64 { return s.side * s.side }
        func total(shapes []shape) (sum float64) { for _, s := range shapes { sum += s.area() }; return }
        func main() {
            shapes := []shape{square{2}, square{3}}
            sort.Slice(shapes, func(i, j int) bool { return shapes[i].area() < shapes[j].area() })
            fmt.Fprintln(os.Stderr, total(shapes), strings.Fields("a b c"))
        }
        """#

    private static func build(_ programs: CompiledPrograms, _ flags: String, name: String) throws -> String {
        try programs.compile(
            program, "GOCACHE=\(programs.folder)/cache GO111MODULE=off GOFLAGS= go build \(flags)", name: name,
            language: "go")
    }

    private static func table(of path: String) throws -> (GoFunctionTable, [UInt8]) {
        let image = try ElfImage(reading: FileDescriptor(opening: path))
        let section = try #require(image.section(named: ".gopclntab"))
        let bytes = try image.read(section)
        let table = GoFunctionTable(bytes.rawSpan)
        return (try #require(table), bytes)
    }

    /// Every so many bytes of the code, `count` addresses.
    private static func addresses(of path: String, count: UInt64) throws -> [FileAddress] {
        let image = try ElfImage(reading: FileDescriptor(opening: path))
        let text = try #require(image.section(named: ".text"))
        return (0..<count).map { FileAddress(text.address.value + $0 * (text.size / count)) }
    }

    @Test func `a stripped program has the names and lines that go tool addr2line gives of the unstripped one`() throws
    {
        let programs = try CompiledPrograms()
        // Of one source file, since its path is compared.
        let full = "\(programs.folder)/full"
        try #require(CompiledPrograms.shell("mv \(try Self.build(programs, "", name: "program")) \(full)"))
        let stripped = try Self.build(programs, "-ldflags='-s -w'", name: "program")
        let addresses = try Self.addresses(of: full, count: 2_000)
        let list = try FileDescriptor(opening: "\(programs.folder)/list", O_WRONLY | O_CREAT, mode: 0o600)
        try list.write(Array(addresses.map { "\($0)\n" }.joined().utf8).rawSpan)
        let lines = CompiledPrograms.output("go tool addr2line \(full) < \(programs.folder)/list")
            .split(separator: "\n")
        try #require(lines.count == 4_000)
        var symbolizer = try FileSymbolizer(
            file: FileDescriptor(opening: stripped), path: stripped, buildID: nil, options: SymbolizerOptions())
        let results = symbolizer.symbolize(addresses)
        var compared = 0
        var inlined = 0
        var wrong: [String] = []
        for (index, result) in results.enumerated() where lines[2 * index] != "?" {
            compared += 1
            if result.frames.count > 1 { inlined += 1 }
            let name = result.frames.last?.linkageName ?? "?"
            let position = result.frames.first.map { "\($0.file):\($0.line)" } ?? "?"
            // The symbol table tells calling conventions apart.
            let expected = lines[2 * index].split(separator: ".abi")[0]
            // The padding between functions has no line, which addr2line calls line -1.
            let expectedPosition = lines[2 * index + 1] == ":-1" ? ":0" : lines[2 * index + 1]
            if name != expected || position != expectedPosition {
                wrong.append("\(addresses[index]): \(name) \(position), not \(expected) \(expectedPosition)")
            }
        }
        #expect(wrong.count == 0, "\(wrong.count) of \(compared): \(wrong.prefix(8))")
        #expect(compared > 1_900)
        #expect(inlined > 50)
        #expect(symbolizer.sources.goFunctionTable)
    }

    @Test func `inlined calls are those that debug information names`() throws {
        let programs = try CompiledPrograms()
        let full = try Self.build(programs, "-ldflags=-compressdwarf=false", name: "full")
        let stripped = try Self.build(programs, "-ldflags='-s -w'", name: "stripped")
        let addresses = try Self.addresses(of: full, count: 2_000)
        func chains(_ path: String) throws -> [[String]] {
            var symbolizer = try FileSymbolizer(
                file: FileDescriptor(opening: path), path: path, buildID: nil, options: SymbolizerOptions())
            return symbolizer.symbolize(addresses).map { $0.frames.map(\.linkageName) }
        }
        var compared = 0
        var same = 0
        for (ours, theirs) in zip(try chains(stripped), try chains(full)) where theirs.count > 1 {
            compared += 1
            if ours == theirs { same += 1 }
        }
        #expect(compared > 50)
        // Debug information leaves out calls whose code was moved; the runtime's tables have them.
        #expect(same * 100 >= compared * 90, "\(same) of \(compared)")
    }

    @Test func `stack depths are those of the debug information at a hundred thousand addresses`() throws {
        let programs = try CompiledPrograms()
        let path = try Self.build(programs, "-ldflags=-compressdwarf=false", name: "full")
        let image = try ElfImage(reading: FileDescriptor(opening: path))
        let module = UnwindModule(image, displayName: "full")
        let frames = try #require(GoFrames(image, limit: 1 << 28))
        var compared = 0
        var wrong = 0
        for address in try Self.addresses(of: path, count: 100_000).map(\.value) {
            let ours = frames.rule(at: address, isReturn: false) ?? .none
            let theirs = module.tableRule(at: address)
            guard ours.kind == .stackPointer, theirs.kind == .stackPointer else { continue }
            compared += 1
            if ours.offset != theirs.offset || ours.returnSlot != theirs.returnSlot { wrong += 1 }
        }
        #expect(compared > 80_000)
        #expect(wrong == 0, "of \(compared)")
    }

    @Test func `position-independent programs have their names`() throws {
        let programs = try CompiledPrograms()
        let path = try Self.build(programs, "-buildmode=pie -ldflags='-s -w'", name: "pie")
        var symbolizer = try FileSymbolizer(
            file: FileDescriptor(opening: path), path: path, buildID: nil, options: SymbolizerOptions())
        let results = symbolizer.symbolize(try Self.addresses(of: path, count: 1_000))
        #expect(results.filter { !$0.frames.isEmpty }.count > 950)
        #expect(results.contains { $0.frames.count > 1 })
    }

    @Test func `fifty thousand mutated and truncated tables are survived`() throws {
        let programs = try CompiledPrograms()
        let path = try Self.build(programs, "-ldflags='-s -w'", name: "stripped")
        let (_, whole) = try Self.table(of: path)
        let addresses = try Self.addresses(of: path, count: 7)
        var bytes = whole
        var generator = SeededGenerator(seed: 7)
        var answers = 0
        func exercise(_ span: RawSpan) {
            guard let table = GoFunctionTable(span) else { return }
            for address in addresses {
                guard let function = table.function(at: address, in: span) else { continue }
                answers += 1
                _ = table.name(of: function, in: span)
                _ = table.line(of: function, at: address, in: span)
                _ = table.stackDepth(of: function, at: address, in: span)
                _ = table.inlinedCall(of: function, at: address, in: span, data: span)
            }
        }
        for round in 0..<50_000 {
            var changed: [(Int, UInt8)] = []
            for _ in 0..<(1 + Int(generator.next() % 8)) {
                let isHeader = generator.next() % 4 == 0
                let offset = Int(generator.next() % UInt64(isHeader ? 72 : bytes.count))
                changed.append((offset, bytes[offset]))
                let values: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, UInt8(truncatingIfNeeded: generator.next())]
                bytes[offset] = values[Int(generator.next() % 6)]
                // The other formats read the same bytes in their own ways.
                if round % 4 == 0 {
                    changed.append((0, bytes[0]))
                    bytes[0] = [0xfb, 0xfa, 0xf0, 0xf1][Int(generator.next() % 4)]
                }
            }
            let end = round % 3 == 0 ? Int(generator.next() % UInt64(bytes.count)) : bytes.count
            exercise(bytes.rawSpan.extracting(0..<end))
            for (offset, byte) in changed.reversed() { bytes[offset] = byte }
        }
        for end in 0..<2_000 { exercise(bytes.rawSpan.extracting(0..<end)) }
        #expect(answers > 50_000)
        #expect(bytes == whole)
    }
}

import ELF
import Glibc
import Primitives
import Testing

@testable import Recorder
@testable import StackUnwinder
@testable import Symbolizer
@testable import TargetFiles

/// Programs, perf maps and jitdumps on file systems that do not answer, or no longer.
@Suite(.enabled(if: SilentFileSystem.isAvailable, "needs root and FUSE"))
struct SilentModuleTests {
    private let programs: CompiledPrograms
    private let patience = Patience(firstMilliseconds: 60_000, laterMilliseconds: 60_000)

    init() throws {
        programs = try CompiledPrograms()
    }

    private func bytes(of path: String) throws -> [UInt8] {
        try FileDescriptor(opening: path).readToEnd(limit: 1 << 24)
    }

    @Test func `a program on a file system that does not answer is a module without unwind information, and says why`()
        throws
    {
        let mount = try SilentFileSystem(at: programs.folder + "/silent")
        defer { mount.end() }
        patience.shorten(to: 50)
        var store = ModuleStore(patience: patience)
        for name in ["one", "two"] {
            let code = MappedCode(
                range: Address(0x1000)..<Address(0x2000), fileOffset: FileOffset(0x1000),
                path: programs.folder + "/silent/" + name,
                file: .init(device: FileDevice(major: 1, minor: 2), inode: name == "one" ? 5 : 6))
            let index = store.index(of: code, in: ProcessID(getpid()))
            let module = store.modules[Int(index)]
            #expect(module.image == nil && module.isSilent)
            #expect(module.problem?.contains("its file system does not answer") == true, "\(module.problem ?? "")")
        }
    }

    @Test func `stacks end, with that reason, where a program's file stopped answering before they were met`() throws {
        let path = try programs.compile(
            "#include <stdlib.h>\nint f(int a) { return abs(a) + 1; }\nint main() { return f(3); }", "gcc -O1",
            name: "program")
        let original = try ElfImage(reading: try FileDescriptor(opening: path))
        let sections = [".eh_frame_hdr", ".eh_frame"].compactMap { original.section(named: $0) }
        let mount = try FuseFileSystem(at: programs.folder + "/served", files: ["program": try bytes(of: path)])
        defer { mount.end() }
        mount.fallSilent(
            .taken, whenReading: sections.map { $0.offset.value..<$0.offset.value + $0.size }, of: "program")
        let code = MappedCode(
            range: Address(0x5000_0000)..<Address(0x5010_0000), fileOffset: FileOffset(0),
            path: programs.folder + "/served/program")
        var store = ModuleStore(patience: patience)
        let module = store.modules[Int(store.index(of: code, in: ProcessID(getpid())))]
        let image = try #require(module.image)
        #expect(image.buildID == original.buildID && !mount.isSilent)

        patience.shorten(to: 50)
        var space = AddressSpace()
        space.map(range: code.range, fileOffset: code.fileOffset, module: module.unwindID, kind: .file)
        let symbols = CompiledPrograms.output("nm \(path)").split(separator: "\n")
        let address = try #require(symbols.first { $0.hasSuffix(" T f") }.flatMap { UInt64($0.prefix(16), radix: 16) })
        let offset = try #require(image.fileOffset(for: FileAddress(address)))
        let counter = Address(0x5000_0000 + offset.value + 1)
        var registers = RegisterSet(machine: image.machine)
        registers[try #require(registers.layout).programCounter] = counter.value
        registers[try #require(registers.layout).stackPointer] = 0x7000_0000
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        for _ in 0..<2 {
            let end = unwinder.unwind(
                registers: registers, stack: [UInt8](repeating: 0, count: 4_096).span.bytes, in: space, spaceID: 1,
                modules: store.unwindTable, into: &frames)
            #expect(end == .silentFile(counter))
            #expect(frames.count == 1)
        }
        #expect(image.isGivenUp && mount.isSilent)
    }

    @Test func `a perf map whose file system falls silent gives no names, and says so`() throws {
        let mount = try FuseFileSystem(
            at: programs.folder + "/served", files: ["tmp/perf-7.map": Array("1000 10 name\n".utf8)])
        defer { mount.end() }
        func open() throws -> PerfMapFile {
            try PerfMapFile(
                root: programs.folder + "/served", name: "perf-7.map", owner: geteuid(), path: "map",
                patience: patience)
        }
        var map = try open()
        #expect(try map.symbols(for: [Address(0x1008)]).first??.name == "name")
        mount.fallSilent()
        patience.shorten(to: 50)
        for _ in 0..<2 {
            #expect { try map.symbols(for: [Address(0x1008)]) } throws: { ($0 as? PerfMapFailure)?.isSilence == true }
        }
        #expect { _ = try open() } throws: { ($0 as? PerfMapFailure)?.isSilence == true }
    }

    @Test func `a jitdump whose file system falls silent is one that does not grow, and says so`() throws {
        var contents = JitDumpBuilder()
        contents.load("first", at: 0x1000, count: 0x100, time: 10, number: 1)
        let name = "jit-\(getpid()).dump"
        let mount = try FuseFileSystem(at: programs.folder + "/served", files: [name: contents.bytes])
        defer { mount.end() }
        let dump = try JitDump(programs.folder + "/served/" + name, of: ProcessID(getpid()), patience: patience)
        let now = Clock.monotonicNanoseconds
        let slice = dump.slice(at: now)
        let position = (address: Address(0x1000), slice: slice)
        #expect(dump.symbols(for: [position]).symbols.first??.name == "first")
        mount.fallSilent(.taken)
        patience.shorten(to: 50)
        #expect(dump.slice(at: Clock.monotonicNanoseconds) == slice)
        let (symbols, problem) = dump.symbols(for: [position])
        #expect(symbols == [nil])
        #expect(problem?.contains("does not answer") == true, "\(problem ?? "")")
    }
}

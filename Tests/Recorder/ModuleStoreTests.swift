import ELF
import Glibc
import Primitives
import TargetFiles
import Testing

@testable import Recorder

/// Two files of one build, which is how packages, containers and installers leave them.
@Suite(.enabled(if: CompiledPrograms.has("gcc") && CompiledPrograms.has("strip"), "needs gcc and strip"))
struct ModuleStoreTests {
    private let programs: CompiledPrograms
    private let whole: String
    private let stripped: String

    init() throws {
        programs = try CompiledPrograms()
        whole = try programs.compile("int main(void) { return 0; }", "gcc -g -Wl,--build-id", name: "whole")
        stripped = programs.folder + "/stripped"
        try #require(CompiledPrograms.shell("strip -o '\(stripped)' '\(whole)'"))
    }

    private func code(_ path: String) throws -> MappedCode {
        let status = try FileDescriptor(opening: path).status()
        return MappedCode(
            range: Address(0x1000)..<Address(0x2000), fileOffset: FileOffset(0x1000), path: path,
            file: .init(device: FileDevice(major: 1, minor: 2), inode: UInt64(status.st_ino)))
    }

    @Test(arguments: [false, true])
    func `a stripped copy and the file with debug information are one module, named from the latter`(
        strippedFirst: Bool
    ) throws {
        let me = ProcessID(getpid())
        var store = ModuleStore()
        let paths = strippedFirst ? [stripped, whole] : [whole, stripped]
        let indexes = try paths.map { store.index(of: try code($0), in: me) }
        #expect(indexes == [0, 0])
        #expect(store.modules.count == 1)
        #expect(store.modules[0].path == paths[0])
        #expect(store.modules[0].symbolFile.path == whole)
        #expect(store.modules[0].symbolFile.wealth == .debugInformation)
    }

    @Test func `a kernel record with a build ID alone is opened once for each path`() throws {
        let me = ProcessID(getpid())
        let buildID = try #require(ElfImage(reading: try FileDescriptor(opening: whole)).buildID)
        var store = ModuleStore()
        for path in [stripped, whole, stripped, "/nonexistent"] {
            let code = MappedCode(
                range: Address(0x1000)..<Address(0x2000), fileOffset: FileOffset(0x1000), path: path, buildID: buildID)
            #expect(store.index(of: code, in: me) == 0)
        }
        #expect(store.modules[0].symbolFile.path == whole)
    }

    @Test func `a file that could not be opened for one process is opened for the next, as a module of its own`() throws
    {
        let path = programs.folder + "/absent"
        var code = try code(whole)
        code.path = path
        var store = ModuleStore()
        #expect(store.index(of: code, in: ProcessID(.max)) == 0)
        #expect(store.modules[0].image == nil)
        #expect(store.index(of: code, in: ProcessID(.max)) == 0)
        #expect(store.index(of: code, in: ProcessID(getpid())) == 0)
        try #require(rename(whole, path) == 0)
        #expect(store.index(of: code, in: ProcessID(getppid())) == 1)
        #expect(store.modules[1].image != nil)
        #expect(store.index(of: code, in: ProcessID(getpid())) == 1)
    }

    @Test func `a file without a build ID that is rewritten in place is another module`() throws {
        let path = try programs.compile("int main(void) { return 0; }", "gcc -Wl,--build-id=none", name: "rewritten")
        let me = ProcessID(getpid())
        let code = try code(path)
        var store = ModuleStore()
        #expect(store.index(of: code, in: me) == 0 && store.index(of: code, in: me) == 0)
        let file = try #require(store.modules[0].symbolFile.file)
        #expect(!file.hasChanged)
        try FileDescriptor(opening: path, O_WRONLY | O_APPEND).write([UInt8(0)].rawSpan)
        #expect(file.hasChanged)
        #expect(store.index(of: code, in: me) == 1 && store.index(of: code, in: me) == 1)
    }

    @Test func `a file whose code has other places is a module of its own, whatever its build ID`() throws {
        // The first load segment that is executable, moved by a page in memory.
        var bytes = try FileDescriptor(opening: whole).readToEnd(limit: 1 << 24)
        let table = Int(bytes[32]) | Int(bytes[33]) << 8
        let count = Int(bytes[56])
        let entry = try #require((0..<count).map { table + $0 * 56 }.first { bytes[$0] == 1 && bytes[$0 + 4] & 1 != 0 })
        bytes[entry + 17] &+= 0x10
        let moved = programs.folder + "/moved"
        try FileDescriptor(opening: moved, O_WRONLY | O_CREAT, mode: 0o700).write(bytes.rawSpan)
        let me = ProcessID(getpid())
        var store = ModuleStore()
        let indexes = try [whole, moved, whole, moved].map { store.index(of: try code($0), in: me) }
        #expect(indexes == [0, 1, 0, 1])
        #expect(store.modules[0].buildID == store.modules[1].buildID)
        #expect(store.modules[0].buildID != nil)
    }
}

import Glibc
import Primitives
import StackUnwinder
import Testing

@testable import Recorder

@Suite struct ProcessTableTests {
    /// Numbers that no live process has, so that nothing is read from /proc.
    let parent = ProcessID(.max - 1)
    let child = ProcessID(.max)

    @Test(
        "The kernel's words tell what mapped memory is",
        arguments: [
            ("/usr/bin/cat", MappedCode.Kind.file), ("/usr/bin/cat (deleted)", .file), ("", .anonymous),
            ("//anon", .anonymous), ("[heap]", .anonymous), ("[anon:v8]", .anonymous), ("[stack]", .anonymous),
            ("/memfd:jit (deleted)", .anonymous), ("anon_inode:[perf_event]", .anonymous),
            ("/SYSV00000000 (deleted)", .anonymous), ("/dev/zero (deleted)", .anonymous), ("[vdso]", .vdso),
            ("[vsyscall]", .vsyscall), ("/memfd", .file), ("/home/x/[vdso]", .file),
        ])
    func kinds(path: String, kind: MappedCode.Kind) {
        #expect(code(path, 0x1000).kind == kind)
    }

    @Test("A deleted file is looked for by its name without the kernel's remark")
    func deletedPath() {
        #expect(code("/bin/a (deleted)", 0x1000).pathOnDisk == "/bin/a")
        #expect(code("/bin/a", 0x1000).pathOnDisk == "/bin/a")
        #expect(code("/bin/ (deleted) (deleted)", 0x1000).pathOnDisk == "/bin/ (deleted)")
    }

    @Test("A fork begins with what its parent had mapped, and each goes its own way from there")
    func fork() {
        var modules = ModuleStore()
        var table = ProcessTable()
        table.exec(parent, at: 5)
        table.map(code("[heap]", 0x1000), in: parent, at: 10, modules: &modules)
        table.fork(child, from: parent)
        table.map(code("[heap]", 0x5000), in: child, at: 30, modules: &modules)
        let parentIndex = table.find(parent, modules: &modules)
        let childIndex = table.find(child, modules: &modules)
        let parentSpace = table.processes[parentIndex].space
        let childSpace = table.processes[childIndex].space
        #expect(parentIndex != childIndex)
        #expect(table.processes[parentIndex].spaceKey != table.processes[childIndex].spaceKey)
        #expect(parentSpace.lookup(Address(0x1800)) != nil && childSpace.lookup(Address(0x1800)) != nil)
        #expect(parentSpace.lookup(Address(0x5800)) == nil && childSpace.lookup(Address(0x5800)) != nil)
    }

    @Test("The fork of a process that is not known leaves the child to be read from /proc when it is met")
    func forkOfUnknown() {
        var modules = ModuleStore()
        var table = ProcessTable()
        table.fork(child, from: parent)
        #expect(table.processes.isEmpty)
        _ = table.find(child, modules: &modules)
        #expect(table.processes.count == 1)
        #expect(table.unreadableCount == 1)
    }

    @Test("After exec nothing of what was mapped before is left, under a key of its own")
    func exec() {
        var modules = ModuleStore()
        var table = ProcessTable()
        table.fork(child, from: parent)
        table.exec(child, at: 5)
        table.map(code("[heap]", 0x1000), in: child, at: 10, modules: &modules)
        let before = table.find(child, modules: &modules)
        table.exec(child, at: 20)
        let after = table.find(child, modules: &modules)
        #expect(before != after)
        #expect(table.processes[before].space.lookup(Address(0x1000)) != nil)
        #expect(table.processes[after].space.mappings.isEmpty)
        #expect(table.processes[before].spaceKey != table.processes[after].spaceKey)
    }

    @Test("Records from before a process was read from /proc change nothing, later ones do")
    func snapshot() throws {
        var modules = ModuleStore()
        var table = ProcessTable()
        let own = ProcessID(getpid())
        let index = table.snapshot(own, modules: &modules)
        let time = table.processes[index].snapshotNanoseconds
        let mappings = table.processes[index].space.mappings
        #expect(!mappings.isEmpty)
        table.exec(own, at: time - 1)
        table.map(code("[heap]", 0x1000), in: own, at: time, modules: &modules)
        let unchanged = table.find(own, modules: &modules)
        #expect(unchanged == index)
        #expect(table.processes[index].space.mappings == mappings)
        table.map(code("[heap]", 0x1000), in: own, at: time + 1, modules: &modules)
        #expect(table.processes[index].space.lookup(Address(0x1000)) != nil)
        let found = table.program(of: own)
        let program = try #require(found)
        #expect(modules.modules[Int(program)].kind == .file)
    }

    @Test("One file is one module, by build ID, by device and inode, and else by its path")
    func modules() {
        var modules = ModuleStore()
        let buildID = BuildID([1, 2, 3, 4])
        var first = code("/nonexistent/a", 0x1000)
        first.buildID = buildID
        var moved = code("/nonexistent/b", 0x1000)
        moved.buildID = buildID
        let byBuildID = [first, moved].map { modules.index(of: $0, in: parent) }
        #expect(byBuildID[0] == byBuildID[1])

        var inode = code("/nonexistent/c", 0x1000)
        inode.file = MappedCode.FileKey(device: FileDevice(major: 1, minor: 2), inode: 3)
        var sameInode = inode
        sameInode.path = "/nonexistent/d"
        var other = inode
        other.file?.inode = 4
        let byInode = [inode, sameInode, other].map { modules.index(of: $0, in: parent) }
        #expect(byInode[0] == byInode[1] && byInode[0] != byInode[2])

        let byPath = [code("/nonexistent/e", 0x1000), code("/nonexistent/e", 0x9000), code("/nonexistent/f", 0x1000)]
            .map { modules.index(of: $0, in: parent) }
        #expect(byPath[0] == byPath[1] && byPath[0] != byPath[2])
    }

    @Test("Memory without a file belongs to its process, the vDSO to nobody")
    func memoryModules() {
        var modules = ModuleStore()
        let own = modules.index(of: code("//anon", 0x1000), in: parent)
        let again = modules.index(of: code("[heap]", 0x7000), in: parent)
        let strange = modules.index(of: code("//anon", 0x1000), in: child)
        #expect(own == again && own != strange)
        let vdso = [parent, child].map { modules.index(of: code("[vdso]", 0x1000), in: $0) }
        #expect(vdso[0] == vdso[1])
    }

    private func code(_ path: String, _ start: UInt64) -> MappedCode {
        MappedCode(
            range: Address(start)..<Address(start + 0x1000), fileOffset: FileOffset(0), path: path, buildID: nil,
            file: nil)
    }
}

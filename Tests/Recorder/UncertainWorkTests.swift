import Glibc
import Primitives
import Testing

@testable import Recorder

/// Work that may not come back, and files on a file system that does not answer.
struct UncertainWorkTests {
    @Test func `what the work gives is handed back`() {
        let numbers = (0..<50).map { number in UncertainWork.run(milliseconds: 60_000) { number * 2 } }
        #expect(numbers == (0..<50).map { $0 * 2 })
    }

    @Test func `work that does not end is given up, and what it comes to later is dropped`() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let reading = ends[0]
        let result = UncertainWork.run(milliseconds: 50) {
            var byte: UInt8 = 0
            return read(reading, &byte, 1)
        }
        #expect(result == nil)
        // The thread ends now, and must not touch anything that is gone.
        close(ends[1])
    }

    @Test(.enabled(if: SilentFileSystem.isAvailable, "needs root and FUSE"))
    func `a program on a file system that does not answer is a module without unwind information, and says why`() throws
    {
        let programs = try CompiledPrograms()
        let mount = try SilentFileSystem(at: programs.folder + "/silent")
        defer { mount.end() }
        var store = ModuleStore()
        store.patienceMilliseconds = 50
        for name in ["one", "two"] {
            let code = MappedCode(
                range: Address(0x1000)..<Address(0x2000), fileOffset: FileOffset(0x1000),
                path: programs.folder + "/silent/" + name,
                file: .init(device: FileDevice(major: 1, minor: 2), inode: name == "one" ? 5 : 6))
            let index = store.index(of: code, in: ProcessID(getpid()))
            #expect(store.modules[Int(index)].image == nil)
            let problem = store.modules[Int(index)].problem
            #expect(problem?.contains("its file system did not answer within 50 ms") == true, "\(problem ?? "")")
        }
        // Those that answer are read as ever.
        let own = MappedCode(
            range: Address(0x1000)..<Address(0x2000), fileOffset: FileOffset(0), path: "/proc/self/exe")
        store.patienceMilliseconds = 60_000
        let index = store.index(of: own, in: ProcessID(getpid()))
        #expect(store.modules[Int(index)].image != nil)
    }
}

import Glibc
import Primitives
import Testing

@testable import Recorder

@Suite struct MemoryMapTests {
    /// Lines as kernels print them (proc_pid_maps(5)).
    static let golden = """
        55d0c8a00000-55d0c8a28000 r--p 00000000 fe:01 1312                       /usr/bin/my program
        55d0c8a28000-55d0c8ae5000 r-xp 00028000 fe:01 1312                       /usr/bin/my program
        7f1c00000000-7f1c00021000 rwxp 00000000 00:00 0 \n\
        7f1c10000000-7f1c10001000 r-xs 00001000 00:1f 77                         /memfd:jit (deleted)
        7f1c2a800000-7f1c2a855000 r-xp 00026000 103:05 4611                      /lib/libm.so.6 (deleted)
        7ffd1d5f2000-7ffd1d5f4000 r-xp 00000000 00:00 0                          [vdso]
        ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]

        """

    @Test("The lines of a map give ranges, permissions, offsets, files and paths with spaces")
    func golden() throws {
        let map = MemoryMap(parsing: Array(Self.golden.utf8))
        #expect(map.malformedLineCount == 0)
        try #require(map.entries.count == 7)
        #expect(map.entries.map(\.isExecutable) == [false, true, true, true, true, true, true])
        let program = map.entries[1]
        #expect(program.range == Address(0x55d0_c8a2_8000)..<Address(0x55d0_c8ae_5000))
        #expect(program.fileOffset == FileOffset(0x28000))
        #expect(program.device == FileDevice(major: 0xfe, minor: 1))
        #expect(program.inode == 1312)
        #expect(program.path == "/usr/bin/my program")
        #expect(map.entries[2].path == "")
        #expect(map.entries[4].device == FileDevice(major: 0x103, minor: 5))
        #expect(map.entries[4].path == "/lib/libm.so.6 (deleted)")
        #expect(map.entries[6].range.upperBound == Address(0xffff_ffff_ff60_1000))
    }

    @Test("The map of this very process has its program, libc and vDSO")
    func own() throws {
        let map = try #require(MemoryMap(of: ProcessID(getpid())))
        #expect(map.malformedLineCount == 0)
        #expect(map.entries.contains { $0.isExecutable && $0.path.contains("libc.so") })
        #expect(map.entries.contains { $0.path == "[vdso]" })
        #expect(zip(map.entries, map.entries.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
        #expect(MemoryMap(of: ProcessID(.max)) == nil)
    }

    @Test(
        "A line that is not of the form is skipped and counted",
        arguments: [
            "nonsense", "1000-2000", "2000-1000 r-xp 0 00:00 0", "1000-1000 r-xp 0 00:00 0", "-1000 r-xp 0 00:00 0",
            "1000-2000 r 0 00:00 0", "1000-2000 r-xp zz 00:00 0", "1000-2000 r-xp 0 0000 0", "1000-2000 r-xp 0 00:00 x",
            "1000-fffffffffffffffff r-xp 0 00:00 0", "1000-2000 r-xp 0 00:00 99999999999999999999999",
        ])
    func malformed(line: String) {
        let map = MemoryMap(parsing: Array("\(line)\n3000-4000 r-xp 00000000 00:00 0\n".utf8))
        #expect(map.malformedLineCount == 1)
        #expect(map.entries.count == 1)
    }

    @Test("Every prefix of a map is read without harm and never gives more than the whole")
    func truncation() {
        let bytes = Array(Self.golden.utf8)
        let whole = MemoryMap(parsing: bytes)
        for length in bytes.indices {
            let map = MemoryMap(parsing: Array(bytes[..<length]))
            #expect(map.entries.count + map.malformedLineCount <= whole.entries.count)
            // All lines but the last one are untouched.
            #expect(map.entries.dropLast().elementsEqual(whole.entries.prefix(max(0, map.entries.count - 1))))
        }
    }

    @Test("Fifty thousand damaged maps are read without harm, and their entries can be mapped")
    func mutations() {
        let original = Array(Self.golden.utf8)
        let alphabet = Array("0123456789abcdef-: \n/rwxp[]\u{0}\u{ff}".utf8)
        var random = SeededGenerator(seed: 2)
        for _ in 0..<50_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let position = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[position] = alphabet.randomElement(using: &random)!
                case 1: bytes.remove(at: position)
                default: bytes.insert(alphabet.randomElement(using: &random)!, at: position)
                }
            }
            let map = MemoryMap(parsing: bytes)
            for entry in map.entries {
                let code = MappedCode(entry)
                precondition(!code.range.isEmpty && code.pathOnDisk.utf8.count <= entry.path.utf8.count)
                _ = code.kind
            }
        }
    }
}

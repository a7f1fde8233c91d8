import FuzzKit
import Glibc
import Primitives

@testable import Recorder
@testable import Symbolizer

/// What the kernel or the sampled program wrote down about processes and their code.
func textTargets(_ folder: SampleFolder) -> [FuzzTarget] {
    [memoryMaps(), perfMaps(folder), jitDump(folder), kernelSymbols(folder), statuses()]
}

private func memoryMaps() -> FuzzTarget {
    let text = """
        55d0c8a2b000-55d0c8a2d000 r-xp 00002000 fe:00 1573033                    /usr/bin/a program with spaces
        7f52c1a00000-7f52c1a26000 r-xp 00000000 00:00 0
        7f52c1a26000-7f52c1b7b000 r-xp 00026000 fe:00 1572876                    /usr/lib/libc.so.6 (deleted)
        7ffd8f5f2000-7ffd8f5f4000 r-xp 00000000 00:00 0                          [vdso]
        ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]

        """
    return FuzzTarget("maps", seeds: [FuzzSeed(text)]) { bytes in
        for entry in MemoryMap(parsing: bytes).entries {
            let code = MappedCode(entry)
            _ = (code.kind, code.pathOnDisk)
        }
    }
}

private func perfMaps(_ folder: SampleFolder) -> FuzzTarget {
    let seeds = [
        "7f0000001000 40 LazyCompile:~run /app/main.js:3\n7f0000001020 20 inner\n0x7F0000001000 0x8 Upper\n",
        "ffffffffffffff00 ff end\n0 ffffffffffffffff all\n7f0000001000 0 nothing\n\n",
    ]
    let addresses = [0, 0x10, 0x7f00_0000_1000, 0x7f00_0000_1030, UInt64.max - 1].map { Address($0) }
    let tree = folder.path + "/root"
    mkdir(tree, 0o700)
    mkdir(tree + "/tmp", 0o700)
    let name = "perf-1.map"
    return FuzzTarget("perf-map", seeds: seeds.map { FuzzSeed($0) }) { bytes in
        folder.write(bytes, to: "\(tree)/tmp/\(name)")
        guard var map = try? PerfMapFile(root: tree, name: name, owner: geteuid(), path: name)
        else { fatalError("the map cannot be opened") }
        _ = try? map.symbols(for: addresses)
    }
}

private func jitDump(_ folder: SampleFolder) -> FuzzTarget {
    func words(_ numbers: UInt64...) -> [UInt8] {
        numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
    }
    /// The type and the length of a record share a word; the rest of it is `body`.
    func record(_ type: UInt64, _ time: UInt64, _ body: [UInt8]) -> [UInt8] {
        words(type | UInt64(16 + body.count) << 32, time) + body
    }
    let task: UInt64 = 7 | 7 << 32
    let header = words(0x4a69_5444 | 1 << 32, 40 | 62 << 32, 7 << 32, 0, 0)
    let lines = words(0x2000, 2, 0x2000, 3) + Array("a.js\0".utf8) + words(0x2010, 4) + [0xff, 0]
    let dump =
        header
        + record(
            0, 10, words(task, 0x1000, 0x1000, 0x20, 1) + Array("first\0".utf8) + [UInt8](repeating: 0x90, count: 32))
        + record(2, 19, lines)
        + record(
            0, 20, words(task, 0x2000, 0x2000, 0x10, 2) + Array("lined\0".utf8) + [UInt8](repeating: 0x90, count: 16))
        + record(1, 40, words(task, 0, 0x2000, 0x5000, 0x10, 2)) + record(3, 50, [])
    let queries = [0, 0x1000, 0x1010, 0x2000, 0x2011, 0x5008, UInt64.max].flatMap { address in
        [5, 30, 60].map { JitDumpQuery(address: Address(address), timeNanoseconds: $0) }
    }
    let tree = folder.path + "/jit"
    mkdir(tree, 0o700)
    return FuzzTarget("jitdump", seeds: [FuzzSeed(dump)]) { bytes in
        folder.write(bytes, to: tree + "/jit-7.dump")
        let file = try JitDumpFile(
            root: tree, path: "/jit-7.dump", number: 7, owner: geteuid())
        var offset: UInt64 = 0
        _ = file.recordTimes(from: &offset, most: 100)
        _ = file.symbols(for: queries)
    }
}

private func kernelSymbols(_ folder: SampleFolder) -> FuzzTarget {
    let text = """
        0000000000000000 A fixed_percpu_data
        ffffffff81000000 T startup_64
        ffffffff81000080 t _RNvCs1_6kernel4init
        ffffffff81000080 W weak_alias
        ffffffff81e00000 T _etext
        ffffffffc0201000 t ext4_iget\t[ext4]

        """
    let addresses = [1, 0xffff_ffff_8100_0010, 0xffff_ffff_8100_0090, 0xffff_ffff_c020_1000, .max].map { Address($0) }
    return FuzzTarget("kallsyms", seeds: [FuzzSeed(text)]) { bytes in
        folder.write(bytes, to: folder.path + "/kallsyms")
        _ = try? KernelSymbols(resolving: addresses, path: folder.path + "/kallsyms")
    }
}

private func statuses() -> FuzzTarget {
    let text = "Name:\tsleep\nUmask:\t0022\nTgid:\t77\nUid:\t1000\t1000\t1000\t1000\nNSpid:\t77\t5\t1\n"
    return FuzzTarget("proc-status", seeds: [FuzzSeed(text)]) { _ = ProcessStatus($0, outermostID: 5) }
}

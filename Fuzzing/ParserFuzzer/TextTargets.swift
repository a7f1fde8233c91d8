import FuzzKit
import Glibc
import Primitives

@testable import Recorder
@testable import Symbolizer

/// Text that the kernel or the sampled program wrote.
func textTargets(_ folder: SampleFolder) -> [FuzzTarget] {
    [memoryMaps(), perfMaps(folder), kernelSymbols(folder), statuses()]
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
        guard let root = try? FileDescriptor(opening: tree),
            var map = try? PerfMapFile(root: root, name: name, owner: geteuid(), path: name)
        else { fatalError("the map cannot be opened") }
        _ = try? map.symbols(for: addresses)
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

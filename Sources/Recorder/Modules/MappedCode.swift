internal import Primitives

/// An executable mapping as /proc/PID/maps or a kernel record states it.
struct MappedCode {
    var range: Range<Address>
    var fileOffset: FileOffset
    /// The path in the process's own mount namespace, or a name such as `[vdso]` or `//anon`; possibly empty.
    var path: String
    /// Known only from kernel records with build IDs.
    var buildID: BuildID?
    /// Known only from /proc/PID/maps and from kernel records without build IDs.
    var file: FileKey?

    /// Which file this is, as far as a device and an inode number tell.
    struct FileKey: Hashable {
        var device: FileDevice
        var inode: UInt64
    }

    /// How the memory came to be.
    enum Kind {
        case file, anonymous, vdso
        /// The legacy page of system calls, which no process can read as memory.
        case vsyscall
    }

    /// Told from the path, in the kernel's own words: `fs/proc/task_mmu.c` and `kernel/events/core.c`.
    var kind: Kind {
        if path == "[vdso]" { return .vdso }
        if path == "[vsyscall]" { return .vsyscall }
        let isMemory =
            path.isEmpty || path.hasPrefix("//anon") || path.hasPrefix("[") || path.hasPrefix("/memfd:")
            || path.hasPrefix("anon_inode:") || path.hasPrefix("/SYSV") || path.hasPrefix("/dev/zero")
        return isMemory ? .anonymous : .file
    }

    /// Whether it is a file without a place in any folder (memfd_create(2)): code made at run time, or a program that was
    /// started from memory.
    var isMemoryFile: Bool { path.hasPrefix("/memfd:") }

    /// The path without the kernel's remark that the file has been deleted.
    var pathOnDisk: String {
        path.hasSuffix(" (deleted)") ? String(path.dropLast(" (deleted)".count)) : path
    }
}

extension MappedCode {
    /// What a line of /proc/PID/maps states.
    init(_ entry: MemoryMapEntry) {
        self.init(
            range: entry.range, fileOffset: entry.fileOffset, path: entry.path, buildID: nil,
            file: entry.inode == 0 ? nil : FileKey(device: entry.device, inode: entry.inode))
    }
}

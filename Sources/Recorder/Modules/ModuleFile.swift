internal import ELF
internal import Glibc
internal import Primitives
internal import Symbolizer

/// The file behind an executable mapping, opened through the process's own view and checked to be the one that runs.
struct ModuleFile {
    /// The headers; nil when the file cannot be read or is no ELF file of this machine.
    let image: ElfImage?
    /// The open file.
    let file: OpenFile?
    /// What stood in the way.
    let problem: String?

    /// Tries, in this order: the mapping itself (`/proc/PID/map_files`, which reaches deleted and replaced files but
    /// needs privileges), the program link (`/proc/PID/exe`), the path below the process's root folder, and the path in
    /// sprof's own view. All but the first two are checked against what is known of the file: its build ID, else its
    /// inode number.
    static func open(_ code: MappedCode, in process: ProcessID) -> ModuleFile {
        let bounds =
            "\(String(code.range.lowerBound.value, radix: 16))-\(String(code.range.upperBound.value, radix: 16))"
        var problem: String?
        let exact = ["/proc/\(process)/map_files/\(bounds)"]
        for candidate in exact + ["/proc/\(process)/root\(code.pathOnDisk)", code.pathOnDisk, "/proc/\(process)/exe"] {
            guard let file = openRegular(candidate) else { continue }
            let image = readHeaders(file)
            let isSame = exact.contains(candidate) || isFile(file, image, the: code)
            if isSame {
                return ModuleFile(
                    image: image, file: OpenFile(file),
                    problem: image == nil ? "it is not an ELF file that sprof can read" : nil)
            }
            problem = "the file at \(code.pathOnDisk) is not the one that runs (replaced since it started?)"
        }
        return ModuleFile(
            image: nil, file: nil,
            problem: problem ?? "it could not be opened (deleted, or in another mount namespace; root can read it)")
    }

    /// Whether an opened file is the mapped one, as far as can be told. Without a build ID or an inode number to compare
    /// there is nothing that speaks against it.
    private static func isFile(_ file: borrowing FileDescriptor, _ image: ElfImage?, the code: MappedCode) -> Bool {
        if let buildID = code.buildID { return image?.buildID == buildID }
        guard let expected = code.file, let status = try? file.status() else { return code.file == nil }
        // The device is not compared: overlayfs and btrfs state another one in maps than stat(2) does.
        return UInt64(status.st_ino) == expected.inode
    }

    /// Opens `path` if it is a regular file, without blocking on a FIFO or a device that a stranger put there.
    private static func openRegular(_ path: String) -> FileDescriptor? {
        guard let file = try? FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK | O_NOCTTY),
            let status = try? file.status(), status.st_mode & S_IFMT == S_IFREG
        else { return nil }
        return file
    }

    private static func readHeaders(_ file: borrowing FileDescriptor) -> ElfImage? {
        guard let copy = try? file.duplicate() else { return nil }
        return try? ElfImage(reading: copy)
    }
}

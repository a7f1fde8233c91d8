internal import ELF
internal import Glibc
internal import Primitives
internal import TargetFiles

/// The file behind an executable mapping, opened through the process's own view and checked to be the one that runs.
struct ModuleFile {
    /// The headers; nil when the file cannot be read or is no ELF file of this machine.
    private(set) var image: ElfImage?
    /// The open file.
    private(set) var file: TargetFile?
    /// What stood in the way.
    private(set) var problem: String?
    /// The file system did not answer in time.
    private(set) var isSilent = false

    /// Tries, in this order: the mapping itself (`/proc/PID/map_files`, which reaches deleted and replaced files but
    /// needs privileges), the path below the process's root folder, the path in sprof's own view, and the program link
    /// (`/proc/PID/exe`). All but the first are checked against what is known of the file: its build ID, else its inode
    /// number.
    init(of code: MappedCode, in process: ProcessID, patience: Patience) {
        for place in Place.allCases {
            do throws(SystemError) {
                let file = try Self.open(code, in: process, at: place, patience)
                let image = try? ElfImage(reading: file)
                if file.isGivenUp { throw SystemError(code: ETIMEDOUT, operation: "read \(code.pathOnDisk)") }
                if place == .mapping || Self.isFile(file, image, the: code) {
                    self.image = image
                    self.file = file
                    problem = image == nil ? "it is not an ELF file that sprof can read" : nil
                    return
                }
                problem = "the file at \(code.pathOnDisk) is not the one that runs (replaced since it started?)"
            } catch {
                switch error.code {
                case ETIMEDOUT:
                    // What leads elsewhere would take as long again.
                    problem = "its file system does not answer, so that it has neither unwind information nor names"
                    isSilent = true
                    return
                case EMFILE, ENFILE:
                    problem = "sprof had too many files open; allow more with: ulimit -n \(4 * FileLimit.current)"
                    return
                default: continue
                }
            }
        }
        problem = problem ?? "it could not be opened (deleted, or in another mount namespace; root can read it)"
    }

    /// Where the file may be found.
    private enum Place: CaseIterable {
        case mapping, root, here, program
    }

    /// The regular file at `place`. Of the paths only the kernel's own links are followed as they are; the process's path
    /// is taken inside its root, so that no link that it made leads out of it.
    private static func open(
        _ code: MappedCode, in process: ProcessID, at place: Place, _ patience: Patience
    ) throws(SystemError) -> TargetFile {
        switch place {
        case .mapping:
            let start = String(code.range.lowerBound.value, radix: 16)
            let end = String(code.range.upperBound.value, radix: 16)
            return try TargetFile(opening: "/proc/\(process)/map_files/\(start)-\(end)", patience: patience)
        case .root: return try TargetFile(opening: code.pathOnDisk, below: "/proc/\(process)/root", patience: patience)
        case .here: return try TargetFile(opening: code.pathOnDisk, patience: patience)
        case .program: return try TargetFile(opening: "/proc/\(process)/exe", patience: patience)
        }
    }

    /// Whether an opened file is the mapped one, as far as can be told. Without a build ID or an inode number to compare
    /// there is nothing that speaks against it.
    private static func isFile(_ file: TargetFile, _ image: ElfImage?, the code: MappedCode) -> Bool {
        if let buildID = code.buildID { return image?.buildID == buildID }
        guard let expected = code.file else { return true }
        // The device is not compared: overlayfs and btrfs state another one in maps than stat(2) does.
        return UInt64(file.status.st_ino) == expected.inode
    }
}

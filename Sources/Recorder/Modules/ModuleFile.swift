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
    /// The file system did not answer in time.
    var isSilent = false

    /// The file, if its file system answers within `milliseconds`.
    static func open(_ code: MappedCode, in process: ProcessID, milliseconds: Int32) -> ModuleFile {
        UncertainWork.run(milliseconds: milliseconds) { open(code, in: process) }
            ?? ModuleFile(
                image: nil, file: nil,
                problem:
                    "its file system did not answer within \(milliseconds) ms, so that it has no unwind information",
                isSilent: true)
    }

    /// Tries, in this order: the mapping itself (`/proc/PID/map_files`, which reaches deleted and replaced files but
    /// needs privileges), the program link (`/proc/PID/exe`), the path below the process's root folder, and the path in
    /// sprof's own view. All but the first two are checked against what is known of the file: its build ID, else its
    /// inode number.
    private static func open(_ code: MappedCode, in process: ProcessID) -> ModuleFile {
        let bounds =
            "\(String(code.range.lowerBound.value, radix: 16))-\(String(code.range.upperBound.value, radix: 16))"
        var problem: String?
        for place in Place.allCases {
            guard let file = open(code, in: process, at: place, bounds) else { continue }
            let image = readHeaders(file)
            if place == .mapping || isFile(file, image, the: code) {
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

    /// Where the file may be found.
    private enum Place: CaseIterable {
        case mapping, root, here, program
    }

    /// The regular file at `place`. Of the paths only the kernel's own links are followed as they are; the process's path
    /// is taken inside its root, so that no link that it made leads out of it.
    private static func open(
        _ code: MappedCode, in process: ProcessID, at place: Place, _ bounds: String
    ) -> FileDescriptor? {
        switch place {
        case .mapping: try? FileDescriptor(openingRegularFile: "/proc/\(process)/map_files/\(bounds)")
        case .root: SearchRoot("/proc/\(process)/root").open(code.pathOnDisk)
        case .here: try? FileDescriptor(openingRegularFile: code.pathOnDisk)
        case .program: try? FileDescriptor(openingRegularFile: "/proc/\(process)/exe")
        }
    }

    /// Whether an opened file is the mapped one, as far as can be told. Without a build ID or an inode number to compare
    /// there is nothing that speaks against it.
    private static func isFile(_ file: borrowing FileDescriptor, _ image: ElfImage?, the code: MappedCode) -> Bool {
        if let buildID = code.buildID { return image?.buildID == buildID }
        guard let expected = code.file, let status = try? file.status() else { return code.file == nil }
        // The device is not compared: overlayfs and btrfs state another one in maps than stat(2) does.
        return UInt64(status.st_ino) == expected.inode
    }

    private static func readHeaders(_ file: borrowing FileDescriptor) -> ElfImage? {
        guard let copy = try? file.duplicate() else { return nil }
        return try? ElfImage(reading: copy)
    }
}

internal import Glibc
internal import Primitives

/// Why a file that a process writes for profilers is not used.
enum RuntimeFileFailure: Error {
    case missing
    /// Not a regular file of the process's user or root, so it may be anyone's.
    case untrusted
    case unreadable(SystemError)
}

/// Opens `path` below `root`, the root folder of a process: a regular file that `owner`, the process's user, or root owns.
///
/// No symbolic link leads out of the root, and none is followed at the end; nothing that cannot be read at once (a FIFO, a
/// device) is waited for.
func openRuntimeFile(
    _ path: String, below root: borrowing FileDescriptor, owner: uid_t
) throws(RuntimeFileFailure) -> FileDescriptor {
    // Looked at first: a container's root can make devices, which to open can have effects.
    let raw = openInRoot(root, path, FileDescriptor.pathOnly | O_NOFOLLOW)
    guard raw >= 0 else {
        switch errno {
        case ENOENT, ENOTDIR: throw .missing
        case ELOOP: throw .untrusted
        default: throw .unreadable(.last("open " + path))
        }
    }
    let found = FileDescriptor(owning: raw)
    do throws(SystemError) {
        let status = try found.status()
        if status.st_mode & S_IFMT == S_IFREG, status.st_uid == owner || status.st_uid == 0 {
            return try FileDescriptor(readingRegularFile: found, path: path)
        }
    } catch {
        throw .unreadable(error)
    }
    throw .untrusted
}

internal import Glibc
internal import Primitives
internal import TargetFiles

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
/// device) is waited for, and no file system that does not answer longer than `patience` allows.
func openRuntimeFile(
    _ path: String, below root: String, owner: uid_t, patience: Patience
) throws(RuntimeFileFailure) -> TargetFile {
    do throws(SystemError) {
        return try TargetFile(opening: path, below: root, followsLink: false, patience: patience) {
            $0.st_uid == owner || $0.st_uid == 0
        }
    } catch {
        switch error.code {
        case ENOENT, ENOTDIR: throw .missing
        case ELOOP, EINVAL: throw .untrusted
        default: throw .unreadable(error)
        }
    }
}

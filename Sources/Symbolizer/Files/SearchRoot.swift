internal import CLinux
internal import Glibc
public import Primitives

/// The root directory that a process saw, for opening files by the paths that were true there.
///
/// Paths come from strangers' files: nothing outside of the root is opened, whatever symbolic links say, and nothing but
/// regular files, since opening a device can do harm and opening a pipe can wait for ever.
public final class SearchRoot: Sendable {
    private let root: OpenFile?
    private let path: String

    /// The folder at `path`, `/proc/PID/root` say; our own root for the empty path or where the process has ended.
    ///
    /// Falling back is safe: every debug file is checked against the file that it shall belong to.
    public init(_ path: String) {
        let path = path == "/" ? "" : path
        root = path.isEmpty ? nil : try? OpenFile(FileDescriptor(opening: path, FileDescriptor.pathOnly | O_DIRECTORY))
        self.path = path
    }

    /// The regular file at `path`, which may start with the root's own path; nil if there is none to be read.
    public func open(_ path: String) -> FileDescriptor? {
        let inside = inside(path)
        guard let root else { return try? FileDescriptor(openingRegularFile: inside) }
        let raw = openInRoot(root.descriptor, inside, FileDescriptor.pathOnly)
        guard raw >= 0 else { return nil }
        return try? FileDescriptor(readingRegularFile: FileDescriptor(owning: raw), path: inside)
    }

    /// `path` as the process saw it.
    func inside(_ path: String) -> String { Self.inside(path, root: self.path) }

    /// `path` as a process saw it whose root directory is `root` for us.
    static func inside(_ path: String, root: String) -> String {
        guard !root.isEmpty, root != "/", path.hasPrefix(root + "/") else { return path }
        return String(path.dropFirst(root.count))
    }

    /// `path` as a user finds the file from our own root.
    func shown(_ path: String) -> String {
        root == nil ? inside(path) : self.path + inside(path)
    }
}

/// Opens `path` as if `root` were the root directory: neither a symbolic link nor `..` leads out of it. The descriptor, or
/// −1 with errno set.
///
/// Where the kernel (before 5.6) or a container's filter does not know openat2(2), no symbolic link is followed at all.
func openInRoot(_ root: borrowing FileDescriptor, _ path: String, _ flags: Int32) -> Int32 {
    let number = root.raw
    let raw = retryOnInterrupt { unsafe sprof_open_in_root(number, path, flags | O_CLOEXEC) }
    if raw >= 0 || (errno != ENOSYS && errno != EPERM) { return raw }
    return openStepByStep(root, path, flags)
}

/// The same for want of openat2(2).
func openStepByStep(_ root: borrowing FileDescriptor, _ path: String, _ flags: Int32) -> Int32 {
    let parts = path.split(separator: "/").filter { $0 != "." }
    guard let last = parts.last, !parts.contains("..") else {
        errno = ENOENT
        return -1
    }
    var folders: [Int32] = []
    defer {
        let code = errno
        for folder in folders { _ = close(folder) }
        errno = code
    }
    for part in parts.dropLast() {
        let from = folders.last ?? root.raw
        let next = retryOnInterrupt {
            unsafe openat(from, String(part), FileDescriptor.pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        }
        guard next >= 0 else { return -1 }
        folders.append(next)
    }
    let from = folders.last ?? root.raw
    return retryOnInterrupt { unsafe openat(from, String(last), flags | O_NOFOLLOW | O_CLOEXEC) }
}

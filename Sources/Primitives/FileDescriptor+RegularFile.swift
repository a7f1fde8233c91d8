internal import Glibc

extension FileDescriptor {
    /// O_PATH of open(2), which needs _GNU_SOURCE: to look at a file without opening it.
    public static let pathOnly: Int32 = 0o1000_0000

    /// Opens `path`, which has to lead to a regular file: paths that come from a profile or from a sampled process may name a
    /// FIFO or a device, which to open or read can block or have effects. What is no regular file is refused with `EINVAL`.
    public init(openingRegularFile path: String) throws(SystemError) {
        try self.init(readingRegularFile: FileDescriptor(opening: path, Self.pathOnly), path: path)
    }

    /// Opens for reading what `found`, opened with ``pathOnly`` at `path`, leads to, if that is a regular file.
    ///
    /// It is looked at first: the opening of a device is what could do something already.
    public init(readingRegularFile found: borrowing FileDescriptor, path: String) throws(SystemError) {
        guard try found.status().st_mode & S_IFMT == S_IFREG else {
            throw SystemError(code: EINVAL, operation: "open \(path), which is no regular file")
        }
        do {
            // A process may always follow its own descriptors (proc_pid_fd(5)).
            try self.init(opening: "/proc/self/fd/\(found.raw)", O_RDONLY | O_NONBLOCK | O_NOCTTY)
        } catch {
            throw SystemError(code: error.code, operation: "open " + path)
        }
    }
}

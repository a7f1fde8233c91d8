internal import Glibc

extension FileDescriptor {
    /// Opens `path`, which has to lead to a regular file: paths that come from a profile may name a FIFO or a device, which to
    /// open or read can block or have effects. What is no regular file is refused with `EINVAL`.
    public init(openingRegularFile path: String) throws(SystemError) {
        // Without O_NONBLOCK the open itself would wait for a FIFO's writer.
        let file = try FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        guard try file.status().st_mode & S_IFMT == S_IFREG else {
            throw SystemError(code: EINVAL, operation: "open \(path), which is no regular file")
        }
        self = file
    }
}

public import Glibc

/// An open file that is closed when its owner goes.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The number, for calls that this type has no method for; it stays owned by this value.
    public let raw: Int32

    /// Takes ownership of an open descriptor.
    public init(owning raw: Int32) {
        self.raw = raw
    }

    /// Opens `path` (open(2)); `O_CLOEXEC` is added.
    public init(opening path: String, _ flags: Int32 = O_RDONLY, mode: mode_t = 0) throws(SystemError) {
        let raw = retryOnInterrupt { unsafe open(path, flags | O_CLOEXEC, mode) }
        guard raw >= 0 else { throw .last("open " + path) }
        self.raw = raw
    }

    deinit {
        _ = close(raw)
    }

    /// A second descriptor for the same open file (`F_DUPFD_CLOEXEC`).
    public func duplicate() throws(SystemError) -> FileDescriptor {
        let copy = fcntl(raw, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw .last("duplicate a file descriptor") }
        return FileDescriptor(owning: copy)
    }

    /// Gives the number away: the caller closes it.
    public consuming func release() -> Int32 {
        let raw = self.raw
        discard self
        return raw
    }

    /// What fstat(2) says of the file.
    public func status() throws(SystemError) -> stat {
        var status = stat()
        guard unsafe fstat(raw, &status) == 0 else { throw .last("fstat") }
        return status
    }

    /// Up to `count` bytes from `offset` (pread(2)); fewer only at the end of the file.
    ///
    /// A file that shrinks while it is read gives fewer bytes, never a signal, which is why sprof reads the files of
    /// strangers this way and does not map them.
    public func read(at offset: FileOffset, count: Int) throws(SystemError) -> [UInt8] {
        guard count > 0, let start = off_t(exactly: offset.value) else { return [] }
        var failure: SystemError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let wanted = count - filled
                let target = unsafe buffer.baseAddress.unsafelyUnwrapped + filled
                let (position, overflow) = start.addingReportingOverflow(filled)
                if overflow { break }
                let got = retryOnInterrupt { unsafe pread(raw, target, wanted, position) }
                if got < 0 { failure = .last("read") }
                if got <= 0 { break }
                filled += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The file from its current position to its end, for files without a size such as those of /proc; stops without
    /// an error after `limit` bytes.
    public func readToEnd(limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(65_536, max(limit, 1)))
        while bytes.count < limit {
            let wanted = min(chunk.count, limit - bytes.count)
            let got = unsafe chunk.withUnsafeMutableBytes { buffer in
                retryOnInterrupt { unsafe Glibc.read(raw, buffer.baseAddress, wanted) }
            }
            if got < 0 { throw .last("read") }
            if got == 0 { break }
            bytes.append(contentsOf: chunk[..<got])
        }
        return bytes
    }

    /// Writes all of `bytes`.
    public func write(_ bytes: RawSpan) throws(SystemError) {
        var done = 0
        while done < bytes.byteCount {
            let rest = bytes.extracting(done..<bytes.byteCount)
            let written = unsafe rest.withUnsafeBytes { buffer in
                retryOnInterrupt { unsafe Glibc.write(raw, buffer.baseAddress, buffer.count) }
            }
            if written < 0 { throw .last("write") }
            done += written
        }
    }
}

/// The contents of the file at `path`, at most `limit` bytes; nil if it cannot be opened or read.
///
/// Meant for the small text files of /proc and /sys.
public func contents(ofSmallFile path: String, limit: Int = 1 << 20) -> [UInt8]? {
    guard let file = try? FileDescriptor(opening: path) else { return nil }
    return try? file.readToEnd(limit: limit)
}

/// The text of the file at `path` without spaces and newlines at its end; nil if it cannot be read.
public func text(ofSmallFile path: String, limit: Int = 1 << 20) -> String? {
    guard var bytes = contents(ofSmallFile: path, limit: limit) else { return nil }
    while let last = bytes.last, last == 0x0a || last == 0x20 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
}

import Glibc
public import Primitives

/// Files whose names end in a number that makes them new: `profile001.svg`, `profile002.svg`.
public enum NumberedFile {
    /// Writes `contents` into a new file and returns its path.
    ///
    /// - Parameter folder: Where to; empty for the current one.
    public static func write(
        _ contents: [UInt8], folder: String, prefix: String, suffix: String
    ) throws(SystemError) -> String {
        let start = folder.isEmpty || folder.hasSuffix("/") ? folder + prefix : folder + "/" + prefix
        for number in 1..<10_000 {
            let digits = String(number)
            let path = start + String(repeating: "0", count: max(0, 3 - digits.utf8.count)) + digits + suffix
            let raw = retryOnInterrupt { unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
            if raw >= 0 {
                let file = FileDescriptor(owning: raw)
                try file.write(contents.rawSpan)
                return path
            }
            if errno != EEXIST { throw .last("open " + path) }
        }
        throw SystemError(code: EEXIST, operation: "create a file of the form \(start)001\(suffix)")
    }
}

import Glibc
import Primitives
import ProfileWriter

/// Text that a command was asked for.
enum TextOutput {
    /// Writes `bytes` to the file at `path`; an empty path is standard output, which may be a terminal.
    static func write(_ bytes: [UInt8], to path: String) throws {
        try stream(to: path) { write in try write(bytes) }
    }

    /// Writes what `make` hands on, to standard output as it comes. A file is complete before it takes its name, so
    /// that nobody reads half of it.
    static func stream<Result>(
        to path: String, _ make: (@escaping ([UInt8]) throws -> Void) throws -> Result
    ) throws -> Result {
        if path.isEmpty {
            return try make { piece in
                let copy = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                guard copy >= 0 else { throw SystemError.last("use standard output") }
                try FileDescriptor(owning: copy).write(piece.rawSpan)
            }
        }
        let file = try OutputFile(path)
        let result = try make { piece in try file.write(piece.rawSpan) }
        try file.finish()
        return result
    }
}

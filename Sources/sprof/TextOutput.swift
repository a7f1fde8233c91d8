import Glibc
import Primitives
import ProfileWriter

/// Text that a command was asked for.
enum TextOutput {
    /// Writes `bytes` to the file at `path`; `-` is standard output, which may be a terminal.
    static func write(_ bytes: [UInt8], to path: String) throws {
        guard path == "-" else { return try ProfileFile.write(bytes, to: path) }
        let output = FileDescriptor(owning: dup(STDOUT_FILENO))
        try output.write(bytes.rawSpan)
    }
}

import Primitives
import ProfileWriter

/// Text that a command was asked for.
enum TextOutput {
    /// Writes `bytes` to the file at `path`; an empty path is standard output, which may be a terminal.
    static func write(_ bytes: [UInt8], to path: String) throws {
        if path.isEmpty {
            writeAll(String(decoding: bytes, as: UTF8.self), to: 1)
        } else {
            try ProfileFile.write(bytes, to: path)
        }
    }
}

import Glibc
import Primitives
import ProfileModel
import ProfileReader

/// Profiles named on the command line.
enum ProfileInput {
    /// The profile in the file at `path`; `-` is standard input.
    static func read(_ path: String) throws -> Profile {
        guard path == "-" else { return try ProfileReader.read(contentsOf: path) }
        let input = FileDescriptor(owning: dup(STDIN_FILENO))
        return try ProfileReader.decode(input.readToEnd(limit: ProfileReader.defaultByteLimit))
    }
}

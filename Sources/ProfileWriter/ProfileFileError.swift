import Glibc
import Primitives

/// Why a profile cannot be written to where it should go.
public struct ProfileFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of problem it is.
    public enum Code: Hashable, Sendable {
        /// Standard output is a terminal, and a profile is binary.
        case terminal
        /// The path is a directory.
        case isDirectory
        /// The directory is missing, or files cannot be made in it.
        case directory
        /// The file system has no room left.
        case noSpace
        /// The file cannot be written for another reason; see `errno`.
        case cannotWrite
        /// The profile breaks a rule of the format, or there is no memory to compress it.
        case cannotEncode
    }

    /// The kind of this problem.
    public let code: Code
    /// What was tried, on which path, why it failed and what can be done about it.
    public let message: String
    /// The system's code, or 0.
    public let errno: Int32

    /// The message.
    public var description: String { message }

    static var terminal: ProfileFileError {
        ProfileFileError(
            code: .terminal,
            message: "refusing to write a binary profile to the terminal: give a file name, or redirect the output",
            errno: 0)
    }

    static func isDirectory(_ path: String) -> ProfileFileError {
        ProfileFileError(
            code: .isDirectory, message: "cannot write \(path): it is a directory; give a file name", errno: EISDIR)
    }

    static func directory(_ path: String, _ error: SystemError) -> ProfileFileError {
        if isSpace(error.code) { return noSpace(path, error) }
        let advice =
            switch error.code {
            case ENOENT: "; create it first: mkdir -p '\(path)'"
            case EACCES, EROFS, EPERM: "; choose another directory for the profile"
            default: ""
            }
        return ProfileFileError(
            code: .directory, message: "cannot write into \(path): \(describeErrno(error.code))\(advice)",
            errno: error.code)
    }

    static func cannotWrite(_ path: String, _ error: SystemError) -> ProfileFileError {
        if isSpace(error.code) { return noSpace(path, error) }
        return ProfileFileError(
            code: .cannotWrite, message: "cannot write \(path): \(describeErrno(error.code))", errno: error.code)
    }

    private static func isSpace(_ code: Int32) -> Bool {
        code == ENOSPC || code == EDQUOT || code == EFBIG
    }

    private static func noSpace(_ path: String, _ error: SystemError) -> ProfileFileError {
        ProfileFileError(
            code: .noSpace,
            message: "cannot write \(path): \(describeErrno(error.code)); free some space or choose another place",
            errno: error.code)
    }
}

public import Primitives
public import ProfileModel

/// Why a file gives no profile.
public enum ProfileReadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file cannot be opened or read.
    case file(SystemError)
    /// There are no bytes at all.
    case empty
    /// The bytes start like gzip but are no whole gzip file.
    case decompression(String)
    /// The profile is larger than the caller allows.
    case tooLarge(limitByteCount: Int)
    /// There is no memory for a profile of this size.
    case outOfMemory(byteCount: Int)
    /// The bytes are a profile of another format.
    case otherFormat(LegacyFormat)
    /// The bytes are no profile.proto message.
    case unrecognizedFormat
    /// The bytes are several profiles, one behind the other.
    case concatenated
    /// The message breaks a rule that profiles have to keep.
    case malformed(ProfileError)

    /// The problem, in the words of pprof where it has the same.
    public var description: String {
        switch self {
        case .file(let error): error.description
        case .empty: "parsing profile: empty input file"
        case .decompression(let problem): "decompressing profile: " + problem
        case .tooLarge(let limit):
            "parsing profile: it takes more than \(limit) bytes when decompressed, which is the limit"
        case .outOfMemory(let byteCount): "parsing profile: there is no memory for its \(byteCount) bytes"
        case .otherFormat(let format): "parsing profile: " + format.advice
        case .unrecognizedFormat: "parsing profile: unrecognized profile format"
        case .concatenated: "parsing profile: concatenated profiles detected"
        case .malformed(let error): "malformed profile: \(error)"
        }
    }
}

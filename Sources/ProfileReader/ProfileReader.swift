import Glibc
import Primitives
public import ProfileModel

/// Reads profile.proto files, compressed or not, of whatever origin.
///
/// It accepts what pprof accepts and refuses the rest with pprof's words. No input can crash it, and the memory it
/// takes is bounded by a multiple of the limit on the decompressed size.
public enum ProfileReader {
    /// The default for the number of bytes that a profile may have when decompressed: 2 GiB.
    ///
    /// One of 10 million samples of 24 frames has about 0.7 GB; a gzip file can grow a thousandfold, so that without
    /// a limit a file of 10 MB could take 10 GB.
    public static let defaultByteLimit = 1 << 31

    /// The profile in the file at `path`.
    ///
    /// - Parameter byteLimit: The most bytes that the profile may have when decompressed.
    public static func read(
        contentsOf path: String, byteLimit: Int = defaultByteLimit
    ) throws(ProfileReadError) -> Profile {
        let bytes: [UInt8]
        do {
            let file = try FileDescriptor(opening: path)
            bytes = try file.readToEnd(limit: byteLimit == .max ? .max : byteLimit + 1)
        } catch {
            throw .file(error)
        }
        guard bytes.count <= byteLimit else { throw .tooLarge(limitByteCount: byteLimit) }
        return try decode(bytes, byteLimit: byteLimit)
    }

    /// The profile in `bytes`, which may be compressed by gzip.
    ///
    /// - Parameter byteLimit: The most bytes that the profile may have when decompressed.
    public static func decode(
        _ bytes: [UInt8], byteLimit: Int = defaultByteLimit
    ) throws(ProfileReadError) -> Profile {
        if bytes.starts(with: [0x1f, 0x8b]) {
            return try decodeMessage(Gunzip.decompress(bytes, byteLimit: byteLimit))
        }
        guard bytes.count <= byteLimit else { throw .tooLarge(limitByteCount: byteLimit) }
        return try decodeMessage(bytes)
    }

    private static func decodeMessage(_ bytes: [UInt8]) throws(ProfileReadError) -> Profile {
        guard !bytes.isEmpty else { throw .empty }
        return try ProfileDecoder.decode(bytes.rawSpan)
    }
}

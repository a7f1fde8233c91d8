import Glibc
public import Primitives
public import ProfileModel

/// Reads profile.proto files, compressed or not, of whatever origin.
///
/// It accepts what pprof accepts and refuses the rest with pprof's words. No input can crash it, and the memory it
/// takes is bounded by ten times the limit on the decompressed size. Text that is no UTF-8 is read with U+FFFD in
/// place of what is wrong with it; pprof keeps such bytes.
public enum ProfileReader {
    /// The default for the number of bytes that a profile may have when decompressed: a tenth of the machine's memory,
    /// and at most 2 GiB.
    ///
    /// A profile of 10 million samples of 40 frames has about 1.2 GB. A gzip file can grow a thousandfold, so that
    /// without a limit a file of 10 MB could take 10 GB; and in memory a profile is up to ten times larger than its
    /// bytes if it is made to be (three times if it is not).
    public static let defaultByteLimit: Int = {
        let (pages, pageSize) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
        guard pages > 0, pageSize > 0 else { return 1 << 28 }
        return min(1 << 31, pages / 10 * pageSize)
    }()

    /// The profile in the file at `path`.
    ///
    /// - Parameter byteLimit: The most bytes that the profile may have when decompressed.
    public static func read(
        contentsOf path: String, byteLimit: Int = defaultByteLimit
    ) throws(ProfileReadError) -> Profile {
        let file: FileDescriptor
        do {
            file = try FileDescriptor(opening: path)
        } catch {
            throw .file(error)
        }
        var message = MessageBuffer()
        if try inflateWhole(file, into: &message, byteLimit: byteLimit) { return try decodeMessage(message.bytes) }
        return try read(file, byteLimit: byteLimit)
    }

    /// The profile in an open file or pipe, from its current position to its end.
    ///
    /// It is decompressed as it is read, so that only the decompressed bytes are held.
    ///
    /// - Parameter byteLimit: The most bytes that the profile may have when decompressed.
    public static func read(
        _ file: borrowing FileDescriptor, byteLimit: Int = defaultByteLimit
    ) throws(ProfileReadError) -> Profile {
        var message = MessageBuffer()
        var pieces = FilePieces()
        try pieces.next(of: file)
        if isGzip(pieces.bytes.rawSpan) {
            var inflater = try Inflater()
            while !pieces.bytes.isEmpty {
                try inflater.inflate(pieces.bytes.rawSpan, into: &message, byteLimit: byteLimit)
                try pieces.next(of: file)
            }
            guard inflater.isAtEndOfMember else { throw .decompression("unexpected EOF") }
        } else {
            while !pieces.bytes.isEmpty {
                try message.append(pieces.bytes.rawSpan)
                guard message.count <= byteLimit else { throw .tooLarge(limitByteCount: byteLimit) }
                try pieces.next(of: file)
            }
        }
        return try decodeMessage(message.bytes)
    }

    /// The profile in `bytes`, which may be compressed by gzip.
    ///
    /// - Parameter byteLimit: The most bytes that the profile may have when decompressed.
    public static func decode(
        _ bytes: [UInt8], byteLimit: Int = defaultByteLimit
    ) throws(ProfileReadError) -> Profile {
        if isGzip(bytes.rawSpan) {
            var message = MessageBuffer()
            if try WholeInflater.inflate(bytes.rawSpan, into: &message, byteLimit: byteLimit) {
                return try decodeMessage(message.bytes)
            }
            var inflater = try Inflater()
            try inflater.inflate(bytes.rawSpan, into: &message, byteLimit: byteLimit)
            guard inflater.isAtEndOfMember else { throw .decompression("unexpected EOF") }
            return try decodeMessage(message.bytes)
        }
        guard bytes.count <= byteLimit else { throw .tooLarge(limitByteCount: byteLimit) }
        return try decodeMessage(bytes.rawSpan)
    }

    /// Whether `file`, a regular file of one gzip member, was decompressed into `message`; if not, nothing was read from
    /// its current position.
    private static func inflateWhole(
        _ file: borrowing FileDescriptor, into message: inout MessageBuffer, byteLimit: Int
    ) throws(ProfileReadError) -> Bool {
        let bytes: [UInt8]
        do {
            let status = try file.status()
            guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= byteLimit else { return false }
            let magic = try file.read(at: FileOffset(0), count: 2)
            guard isGzip(magic.rawSpan) else { return false }
            bytes = try file.read(at: FileOffset(0), count: Int(status.st_size))
        } catch {
            throw .file(error)
        }
        return try WholeInflater.inflate(bytes.rawSpan, into: &message, byteLimit: byteLimit)
    }

    private static func isGzip(_ bytes: RawSpan) -> Bool {
        var reader = ByteReader(bytes)
        return (try? reader.read(UInt16.self)) == 0x8b1f
    }

    private static func decodeMessage(_ bytes: RawSpan) throws(ProfileReadError) -> Profile {
        guard bytes.byteCount > 0 else { throw .empty }
        do {
            return try ProfileDecoder.decode(bytes)
        } catch {
            // As in pprof, only what is no profile.proto message may be something else.
            guard case .unrecognizedFormat = error, let format = LegacyFormat.detect(bytes) else { throw error }
            throw .otherFormat(format)
        }
    }
}

/// A file, a piece at a time.
private struct FilePieces {
    /// The current piece; empty at the end of the file.
    private(set) var bytes: [UInt8] = []

    mutating func next(of file: borrowing FileDescriptor) throws(ProfileReadError) {
        do {
            bytes = try file.readToEnd(limit: 1 << 18)
        } catch {
            throw .file(error)
        }
    }
}

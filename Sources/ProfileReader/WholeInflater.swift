import CDeflate
import Primitives

/// Decompression of a whole gzip file (RFC 1952) at once, where that is simple: the file has one member, which says how
/// large it becomes.
///
/// By libdeflate, which takes a third of zlib's time but needs all of the file and room for all that comes out of it. What is
/// not as expected is left to `Inflater`, which knows what is wrong with it.
enum WholeInflater {
    /// Decompresses `file` into `message`, which is empty. Whether that worked; if not, `message` is still empty.
    static func inflate(
        _ file: RawSpan, into message: inout MessageBuffer, byteLimit: Int
    ) throws(ProfileReadError) -> Bool {
        guard let size = statedSize(file), size <= byteLimit else { return false }
        guard let decompressor = unsafe libdeflate_alloc_decompressor() else { return false }
        defer { unsafe libdeflate_free_decompressor(decompressor) }
        // Not a byte less, so that too much of it is noticed.
        unsafe try message.append(reserving: size) { room in
            var (read, written) = (0, 0)
            let result = unsafe file.withUnsafeBytes { input in
                unsafe libdeflate_gzip_decompress_ex(
                    decompressor, input.baseAddress, input.count, room.baseAddress, size, &read, &written)
            }
            return result == LIBDEFLATE_SUCCESS && read == file.byteCount && written == size ? size : 0
        }
        return message.count == size
    }

    /// The size that the last four bytes of a file state; nil if they cannot be right, or if the file has parts that
    /// libdeflate passes over without a check.
    private static func statedSize(_ file: RawSpan) -> Int? {
        // A header of 10 bytes and a trailer of 8.
        guard file.byteCount >= 18 else { return nil }
        var header = ByteReader(file.extracting(0..<4))
        var trailer = ByteReader(file.extracting((file.byteCount - 4)..<file.byteCount))
        guard let flags = try? header.read(UInt32.self), let size = try? trailer.read(UInt32.self) else { return nil }
        let hasHeaderChecksum = flags >> 24 & 2 != 0
        // Profiles become 2 to 20 times larger. A file that grows more is made to, and read with care.
        guard !hasHeaderChecksum, size > 0, Int(size) / 100 <= file.byteCount else { return nil }
        return Int(size)
    }
}

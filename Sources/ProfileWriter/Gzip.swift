import CZlib
import Primitives

/// Why zlib refused to work; with valid arguments that is lack of memory.
public struct GzipError: Error, Hashable, Sendable, CustomStringConvertible {
    /// zlib's code (`Z_MEM_ERROR`…).
    public let code: Int32

    /// What was tried, and zlib's code.
    public var description: String { "compress the profile: zlib error \(code)" }
}

/// Compression into the gzip format (RFC 1952).
public enum Gzip {
    /// `bytes` as one gzip member without a name and with the time 0, so that equal input gives equal output.
    ///
    /// - Parameter level: zlib's effort, 1 (fast) to 9 (small). Measured on random stacks, 4 takes two thirds of the
    ///   time of zlib's own default 6 and its output is 1 % larger.
    public static func compress(_ bytes: RawSpan, level: Int32 = 4) throws(GzipError) -> [UInt8] {
        var stream = unsafe z_stream()
        // 15 bits of window; 16 more ask for the gzip format. zlib fills its header with time 0 by itself.
        let code = unsafe deflateInit2_(
            &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw GzipError(code: code) }
        defer { unsafe _ = deflateEnd(&stream) }

        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        var offset = 0
        while true {
            // zlib counts in 32 bits, so a large profile goes in pieces.
            let piece = bytes.extracting(offset..<min(bytes.byteCount, offset + (1 << 30)))
            offset += piece.byteCount
            let isLast = offset == bytes.byteCount
            let failure: Int32? = unsafe piece.withUnsafeBytes { input in
                unsafe chunk.withUnsafeMutableBufferPointer { room in
                    // zlib only reads from `next_in`, whose type lacks the const.
                    unsafe stream.next_in = UnsafeMutablePointer(
                        mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
                    unsafe stream.avail_in = UInt32(input.count)
                    repeat {
                        unsafe stream.next_out = room.baseAddress
                        unsafe stream.avail_out = UInt32(room.count)
                        let code = unsafe deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                        if code == Z_STREAM_ERROR { return code }
                        let filled = unsafe room.count - Int(stream.avail_out)
                        unsafe output.append(contentsOf: room[..<filled])
                    } while unsafe stream.avail_out == 0
                    return nil
                }
            }
            if let failure { throw GzipError(code: failure) }
            if isLast { return output }
        }
    }
}

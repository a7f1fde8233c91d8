import CZlib
import ProfileModel

/// Decompression of the gzip format (RFC 1952).
enum Gunzip {
    /// The contents of all the members of the gzip file `bytes`, one behind the other.
    static func decompress(_ bytes: [UInt8], byteLimit: Int) throws(ProfileReadError) -> [UInt8] {
        var stream = unsafe z_stream()
        // 15 bits of window; 16 more ask for the gzip format and for its checksum to be verified.
        let code = unsafe inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw .decompression("zlib error \(code)") }
        defer { unsafe _ = inflateEnd(&stream) }

        var output: [UInt8] = []
        let problem: ProfileReadError? = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe inflateAll(input, with: &stream, into: &output, byteLimit: byteLimit)
        }
        if let problem { throw problem }
        return output
    }

    private static func inflateAll(
        _ input: UnsafeBufferPointer<UInt8>, with stream: inout z_stream, into output: inout [UInt8], byteLimit: Int
    ) -> ProfileReadError? {
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        var offset = 0
        while true {
            // zlib counts in 32 bits, so a large file goes in pieces.
            let pieceSize = min(input.count - offset, 1 << 30)
            // zlib only reads from `next_in`, whose type lacks the const.
            unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)?.advanced(by: offset)
            unsafe stream.avail_in = UInt32(pieceSize)
            let (code, filled) = unsafe chunk.withUnsafeMutableBufferPointer { room in
                unsafe stream.next_out = room.baseAddress
                unsafe stream.avail_out = UInt32(room.count)
                let code = unsafe inflate(&stream, Z_NO_FLUSH)
                return (code, unsafe room.count - Int(stream.avail_out))
            }
            offset += unsafe pieceSize - Int(stream.avail_in)
            guard filled <= byteLimit - output.count else { return .tooLarge(limitByteCount: byteLimit) }
            output.append(contentsOf: chunk[..<filled])
            switch code {
            case Z_OK:
                break
            case Z_STREAM_END:
                if offset == input.count { return nil }
                unsafe inflateReset(&stream)
            case Z_BUF_ERROR:
                // No progress: all input is used up and the end of the member has not come.
                return .decompression("unexpected EOF")
            default:
                let message = unsafe stream.msg.map { unsafe String(cString: $0) } ?? "zlib error \(code)"
                return .decompression(message)
            }
        }
    }
}

import CZlib
import Primitives

/// Decompression of a gzip file (RFC 1952) that comes in pieces; all its members make one message.
@safe struct Inflater: ~Copyable {
    /// On the heap, because zlib's state points back to it.
    private let stream: UnsafeMutablePointer<z_stream>
    /// Whether the last byte so far was the last of a member.
    private(set) var isAtEndOfMember = false

    init() throws(ProfileReadError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window; 16 more ask for the gzip format and for its checksum to be verified.
        let code = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw .decompression("zlib error \(code)") }
    }

    deinit {
        unsafe _ = inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Decompresses the next `piece` of the file behind the end of `message`.
    mutating func inflate(
        _ piece: RawSpan, into message: inout MessageBuffer, byteLimit: Int
    ) throws(ProfileReadError) {
        var rest = piece
        while rest.byteCount > 0 {
            if isAtEndOfMember {
                unsafe inflateReset(stream)
                isAtEndOfMember = false
            }
            // zlib counts in 32 bits, so what is large goes in parts.
            let part = rest.extracting(first: 1 << 30)
            let (code, unused) = try inflatePart(part, into: &message)
            guard message.count <= byteLimit else { throw .tooLarge(limitByteCount: byteLimit) }
            rest = rest.extracting((part.byteCount - unused)..<rest.byteCount)
            switch code {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: isAtEndOfMember = true
            default: throw .decompression(problem(code))
            }
        }
    }

    /// zlib's code, and how many bytes of `part` it has not taken.
    private mutating func inflatePart(
        _ part: RawSpan, into message: inout MessageBuffer
    ) throws(ProfileReadError) -> (code: Int32, unused: Int) {
        var code = Z_OK
        // A compressed profile is about half as large, and no less than a thousandth.
        unsafe try message.append(reserving: max(1 << 16, min(part.byteCount * 2, 1 << 24))) { room in
            let size = min(room.count, 1 << 30)
            unsafe part.withUnsafeBytes { input in
                // zlib only reads from `next_in`, whose type lacks the const.
                unsafe stream.pointee.next_in = UnsafeMutablePointer(
                    mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
                unsafe stream.pointee.avail_in = UInt32(input.count)
                unsafe stream.pointee.next_out = room.baseAddress?.assumingMemoryBound(to: UInt8.self)
                unsafe stream.pointee.avail_out = UInt32(size)
                unsafe code = CZlib.inflate(stream, Z_NO_FLUSH)
                unsafe stream.pointee.next_in = nil
            }
            return unsafe size - Int(stream.pointee.avail_out)
        }
        return (code, unsafe Int(stream.pointee.avail_in))
    }

    /// What is wrong with the file, in the words of Go's package gzip where zlib tells enough.
    private func problem(_ code: Int32) -> String {
        guard let text = unsafe stream.pointee.msg else { return "zlib error \(code)" }
        let message = unsafe String(cString: text)
        switch message {
        case "incorrect header check", "unknown compression method", "unknown header flags set", "header crc mismatch":
            return "gzip: invalid header"
        case "incorrect data check", "incorrect length check":
            return "gzip: invalid checksum"
        default:
            return message
        }
    }
}

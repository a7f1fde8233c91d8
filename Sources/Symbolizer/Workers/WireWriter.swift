/// The bytes of a message between sprof and a worker: little-endian numbers, strings behind their length.
///
/// A message is a 32-bit length and as many bytes; `finish()` fills the length in.
struct WireWriter {
    private var bytes: [UInt8] = [0, 0, 0, 0]

    mutating func write<Number: FixedWidthInteger>(_ number: Number) {
        let stored = number.littleEndian
        // The bytes of an integer, which has no padding.
        unsafe withUnsafeBytes(of: stored) { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            let utf8 = unsafe utf8.prefix(Int(UInt32.max))
            write(UInt32(clamping: utf8.count))
            unsafe bytes.append(contentsOf: utf8)
        }
    }

    mutating func write(bytes more: [UInt8]) {
        write(UInt32(clamping: more.count))
        bytes += more.prefix(Int(UInt32.max))
    }

    /// Bytes that are a message already, but for its length.
    mutating func write(raw more: [UInt8]) {
        bytes += more
    }

    /// The message; nil if it is longer than a message can be.
    consuming func finish() -> [UInt8]? {
        guard let length = UInt32(exactly: bytes.count - 4) else { return nil }
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(index))) }
        return bytes
    }
}

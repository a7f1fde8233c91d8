/// The identity that a linker gave a file: the contents of its `NT_GNU_BUILD_ID` note.
public struct BuildID: Hashable, Sendable, CustomStringConvertible {
    /// The bytes of the note's descriptor; never empty.
    public let bytes: [UInt8]

    /// Nil when `bytes` is empty or all zero, which is how the kernel says "unknown" in a map record.
    public init?(_ bytes: [UInt8]) {
        guard bytes.contains(where: { $0 != 0 }) else { return nil }
        self.bytes = bytes
    }

    /// The bytes in lower-case hexadecimal, two digits each: the form of `readelf -n` and of `.build-id` folders.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

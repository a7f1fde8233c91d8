/// 64 bit words in borrowed bytes, at any alignment.
@frozen
public struct WordSpan: ~Escapable {
    /// The words as bytes; a multiple of 8.
    public let bytes: RawSpan

    /// The whole words of `bytes`.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
    }

    /// The number of words.
    @inlinable
    public var count: Int { bytes.byteCount >> 3 }

    /// Whether there are no words.
    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// The word at `index`, which must be in `0..<count`.
    @inlinable
    public subscript(index: Int) -> UInt64 {
        precondition(index >= 0 && index < count, "index out of bounds")
        return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index << 3, as: UInt64.self)
    }
}

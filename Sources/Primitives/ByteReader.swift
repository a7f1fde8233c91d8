/// Why bytes could not be read.
public enum ReadError: Error, Hashable, Sendable {
    /// A field or a position lies (partly) outside the bytes.
    case outOfBounds
    /// A LEB128 number does not fit into 64 bits.
    case numberTooLarge
    /// A string is not ended by a zero byte.
    case unterminatedString
}

/// A cursor over bytes of unknown origin: every read is checked against their bounds, none can trap.
///
/// Numbers are read little-endian, which is what every platform that sprof runs on uses. A copy of a reader is an
/// independent cursor over the same bytes.
@frozen
public struct ByteReader: ~Escapable {
    /// All the bytes, independent of the position.
    public let bytes: RawSpan

    /// The position of the next read, in bytes from the start of `bytes`; always within `0...bytes.byteCount`.
    public var offset: Int { position }

    @usableFromInline var position: Int

    /// A cursor at the start of `bytes`.
    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        self.bytes = bytes
        self.position = 0
    }

    /// The number of bytes from the position to the end.
    @inlinable
    public var remaining: Int { bytes.byteCount - position }

    /// Whether the position is at the end.
    @inlinable
    public var isAtEnd: Bool { position == bytes.byteCount }

    /// Moves the position to `offset` bytes from the start; the end itself is a valid position.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func seek(to offset: Int) throws(ReadError) {
        guard offset >= 0, offset <= bytes.byteCount else { throw .outOfBounds }
        self.position = offset
    }

    /// Moves the position to `offset` bytes from the start, where `offset` comes from input.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func seek(to offset: UInt64) throws(ReadError) {
        guard offset <= UInt64(bytes.byteCount) else { throw .outOfBounds }
        self.position = Int(offset)
    }

    /// Moves the position forward by `count` bytes.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func skip(_ count: Int) throws(ReadError) {
        guard count >= 0, count <= remaining else { throw .outOfBounds }
        position += count
    }

    /// The next number, stored little-endian at any alignment.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func read<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type = Number.self
    ) throws(ReadError) -> Number {
        guard MemoryLayout<Number>.size <= remaining else { throw .outOfBounds }
        // In bounds by the check above; every bit pattern is a valid fixed-width integer.
        let number = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: type)
        position += MemoryLayout<Number>.size
        return Number(littleEndian: number)
    }

    /// The next unsigned LEB128 number (DWARF 5, section 7.6).
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readULEB128() throws(ReadError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try read(UInt8.self)
            let part = UInt64(byte & 0x7f)
            if shift < 64 {
                let shifted = part << shift
                guard shifted >> shift == part else { throw .numberTooLarge }
                result |= shifted
            } else if part != 0 {
                throw .numberTooLarge
            }
            if byte & 0x80 == 0 { return result }
            shift += 7
        }
    }

    /// The next signed LEB128 number (DWARF 5, section 7.6); bits beyond the 64th are dropped.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readSLEB128() throws(ReadError) -> Int64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try read(UInt8.self)
            if shift < 64 { result |= UInt64(byte & 0x7f) << shift }
            shift += 7
            if byte & 0x80 == 0 {
                if byte & 0x40 != 0, shift < 64 { result |= ~UInt64(0) << shift }
                return Int64(bitPattern: result)
            }
        }
    }

    /// The offsets, in `bytes`, of the next zero-ended string without its zero; the position moves behind the zero.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func readStringRange() throws(ReadError) -> Range<Int> {
        let start = offset
        var end = start
        // Eight bytes at a time: names of C++ have hundreds. The lowest byte that is zero sets the lowest of these bits.
        while end <= bytes.byteCount - 8 {
            let word = UInt64(
                littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: end, as: UInt64.self))
            let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
            if zeros != 0 {
                end += zeros.trailingZeroBitCount / 8
                position = end + 1
                return start..<end
            }
            end += 8
        }
        while end < bytes.byteCount {
            if unsafe bytes.unsafeLoad(fromUncheckedByteOffset: end, as: UInt8.self) == 0 {
                position = end + 1
                return start..<end
            }
            end += 1
        }
        throw .unterminatedString
    }

    /// The next zero-ended string, invalid UTF-8 replaced by U+FFFD.
    @_lifetime(self: copy self)
    public mutating func readString() throws(ReadError) -> String {
        let range = try readStringRange()
        return String(decodingBytes: bytes.extracting(range))
    }

    /// The next `count` bytes, without copying them.
    @inlinable
    @_lifetime(self: copy self)
    @_lifetime(copy self)
    public mutating func readSpan(_ count: Int) throws(ReadError) -> RawSpan {
        guard count >= 0, count <= remaining else { throw .outOfBounds }
        let start = offset
        position += count
        return bytes.extracting(start..<position)
    }

    /// The next `count` bytes as an array.
    @_lifetime(self: copy self)
    public mutating func readBytes(_ count: Int) throws(ReadError) -> [UInt8] {
        let span = try readSpan(count)
        return [UInt8](copying: span)
    }
}

extension [UInt8] {
    /// The elements as bytes, without copying them, for as long as the array is not changed.
    @inlinable
    public var rawSpan: RawSpan {
        @_lifetime(borrow self)
        get {
            // Marked unsafe for element types with padding; UInt8 has none.
            unsafe span.bytes
        }
    }

    /// A copy of `span`. O(n).
    public init(copying span: RawSpan) {
        self = unsafe span.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}

extension String {
    /// `span` as text, invalid UTF-8 replaced by U+FFFD. O(n).
    public init(decodingBytes span: RawSpan) {
        self = unsafe span.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

import Primitives

extension ByteReader {
    /// The next unsigned LEB128 number; nearly always one byte in debug information, which is taken out of the loop.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func readNumber() throws(ReadError) -> UInt64 {
        if !isAtEnd {
            let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self)
            if byte < 0x80 {
                try skip(1)
                return UInt64(byte)
            }
        }
        return try readULEB128()
    }

    /// Moves behind the next LEB128 number, whatever its size.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func skipNumber() throws(ReadError) {
        while try read(UInt8.self) & 0x80 != 0 {}
    }

    /// The next number of `size` bytes: 1, 2, 3, 4 or 8.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func readUnsigned(size: Int) throws(ReadError) -> UInt64 {
        switch size {
        case 4: return UInt64(try read(UInt32.self))
        case 8: return try read(UInt64.self)
        case 1: return UInt64(try read(UInt8.self))
        case 2: return UInt64(try read(UInt16.self))
        case 3:
            let low = UInt64(try read(UInt16.self))
            return low | UInt64(try read(UInt8.self)) << 16
        default: throw .outOfBounds
        }
    }

    /// Moves forward by a count that comes from input.
    @inline(__always)
    @_lifetime(self: copy self)
    mutating func skip(_ count: UInt64) throws(ReadError) {
        guard count <= UInt64(remaining) else { throw .outOfBounds }
        try skip(Int(truncatingIfNeeded: count))
    }

    /// A cursor over `bytes` at `offset`, which comes from input.
    @inline(__always)
    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, at offset: UInt64) throws(ReadError) {
        self.init(bytes)
        try seek(to: offset)
    }
}

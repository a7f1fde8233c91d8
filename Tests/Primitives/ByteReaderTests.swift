import Testing

@testable import Primitives

@Suite struct ByteReaderTests {
    @Test func `numbers come little-endian and move the position`() throws {
        let bytes: [UInt8] = [1, 2, 0, 3, 0, 0, 0]
        var reader = ByteReader(bytes.rawSpan)
        #expect(try reader.read(UInt8.self) == 1)
        #expect(try reader.read(UInt16.self) == 2)
        #expect(try reader.read(UInt32.self) == 3)
        let rest = reader.remaining
        #expect(rest == 0)
        #expect(throws: ReadError.outOfBounds) { try reader.read(UInt8.self) }
    }

    @Test func `LEB128 numbers follow the examples of DWARF 5`() throws {
        let bytes: [UInt8] = [0xe5, 0x8e, 0x26, 0x80, 0x7f, 0x7f, 0x81, 0x01]
        var reader = ByteReader(bytes.rawSpan)
        #expect(try reader.readULEB128() == 624_485)
        #expect(try reader.readSLEB128() == -128)
        #expect(try reader.readSLEB128() == -1)
        #expect(try reader.readSLEB128() == 129)
    }

    @Test func `a LEB128 number of more than 64 bits is refused`() {
        let bytes = [UInt8](repeating: 0xff, count: 10) + [0x01]
        var reader = ByteReader(bytes.rawSpan)
        #expect(throws: ReadError.numberTooLarge) { try reader.readULEB128() }
    }

    @Test func `a string without an end is refused and one with an end is read`() throws {
        let bytes = Array("ab\0cd".utf8)
        var reader = ByteReader(bytes.rawSpan)
        #expect(try reader.readString() == "ab")
        #expect(throws: ReadError.unterminatedString) { try reader.readString() }
    }

    @Test func `positions outside the bytes are refused`() throws {
        let bytes: [UInt8] = [1, 2, 3]
        var reader = ByteReader(bytes.rawSpan)
        try reader.seek(to: 3)
        #expect(throws: ReadError.outOfBounds) { try reader.seek(to: 4) }
        #expect(throws: ReadError.outOfBounds) { try reader.seek(to: UInt64.max) }
        #expect(throws: ReadError.outOfBounds) { try reader.skip(-1) }
    }
}

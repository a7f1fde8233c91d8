import Glibc
import Primitives
import Testing

@testable import ELF

@Suite struct ElfImageTests {
    /// A header and program headers, nothing else.
    static func file(segments: [(type: UInt32, flags: UInt32, offset: UInt64, address: UInt64, size: UInt64)])
        -> [UInt8]
    {
        func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
            (0..<MemoryLayout<Number>.size).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
        }
        var bytes: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
        bytes += little(UInt16(3)) + little(UInt16(62)) + little(UInt32(1)) + little(UInt64(0x1040))
        bytes += little(UInt64(64)) + little(UInt64(0)) + little(UInt32(0)) + little(UInt16(64))
        bytes += little(UInt16(56)) + little(UInt16(segments.count)) + little(UInt16(64)) + little(UInt32(0))
        for segment in segments {
            bytes += little(segment.type) + little(segment.flags) + little(segment.offset) + little(segment.address)
            bytes += little(segment.address) + little(segment.size) + little(segment.size) + little(UInt64(4_096))
        }
        return bytes
    }

    @Test func `an offset in a page shared by segments belongs to the executable one`() throws {
        // As lld lays files out: the text begins inside the last page of the read-only data.
        let image = try ElfImage(
            bytes: Self.file(segments: [
                (1, 4, 0, 0, 0x1730), (1, 5, 0x1730, 0x2730, 0x500), (1, 6, 0x1c30, 0x3c30, 0x100),
            ]))
        #expect(image.fileAddress(for: FileOffset(0x1800)) == FileAddress(0x2800))
        #expect(image.fileAddress(for: FileOffset(0x1000)) == FileAddress(0x2000))
        #expect(image.fileAddress(for: FileOffset(0x1fff)) == FileAddress(0x2fff))
        #expect(image.fileAddress(for: FileOffset(0x2000)) == nil)
        #expect(image.fileAddress(for: FileOffset(0xfff)) == nil)
        #expect(image.fileOffset(for: FileAddress(0x2800)) == FileOffset(0x1800))
    }

    @Test func `files of 32 bits, big-endian files and other files are refused`() {
        var bytes = Self.file(segments: [])
        bytes[4] = 1
        #expect(throws: ElfError.unsupportedFormat) { try ElfImage(bytes: bytes) }
        bytes[4] = 2
        bytes[5] = 2
        #expect(throws: ElfError.unsupportedFormat) { try ElfImage(bytes: bytes) }
        #expect(throws: ElfError.notElf) { try ElfImage(bytes: Array("#!/bin/sh\n".utf8)) }
        #expect(throws: ElfError.notElf) { try ElfImage(bytes: []) }
        #expect(throws: ElfError.malformed) {
            try ElfImage(bytes: Array(Self.file(segments: [(1, 5, 0, 0, 1)]).dropLast()))
        }
    }

    @Test func `segments at the end of the address space do not overflow`() throws {
        let image = try ElfImage(bytes: Self.file(segments: [(1, 5, .max - 5, .max - 9, .max), (4, 4, .max, 0, 9)]))
        #expect(image.fileAddress(for: FileOffset(.max)) == nil)
        #expect(image.buildID == nil)
    }

    @Test func `this test program has sections, an entry and an executable segment`() throws {
        let image = try ElfImage(reading: try FileDescriptor(opening: "/proc/self/exe"))
        #expect(image.section(named: ".eh_frame") != nil)
        #expect(image.entry.value != 0)
        let text = try #require(image.section(named: ".text"))
        #expect(image.fileAddress(for: text.offset) == text.address)
        #expect(try image.read(text, limit: 1 << 30).count == Int(text.size))
        #expect(throws: ElfError.malformed) { try image.read(text, limit: 3) }
    }
}

import ELF
import Primitives
import Testing

/// A part of a file that is read piece by piece.
@Suite struct ElfPartTests {
    private let image: ElfImage
    private let whole: [UInt8]

    init() throws {
        image = try ElfImage(reading: FileDescriptor(opening: "/proc/self/exe"))
        whole = try image.read(at: FileOffset(100), count: 100_000)
        try #require(whole.count == 100_000)
    }

    @Test func `what was asked for is there, and what was not is zero`() throws {
        let part = try #require(ElfPart(of: image, from: FileOffset(100), byteCount: 100_000))
        #expect([UInt8](copying: part.bytes).allSatisfy { $0 == 0 })
        part.fill(40_000..<40_001)
        let bytes = [UInt8](copying: part.bytes)
        #expect(bytes[32_768..<49_152] == whole[32_768..<49_152])
        #expect(bytes[..<32_768].allSatisfy { $0 == 0 } && bytes[49_152...].allSatisfy { $0 == 0 })
        part.fill(0..<100_000)
        #expect([UInt8](copying: part.bytes) == whole)
    }

    @Test func `an emptied part is zero until it is read again`() throws {
        let part = try #require(ElfPart(of: image, from: FileOffset(100), byteCount: 100_000))
        part.fill(0..<100_000)
        #expect(part.filledByteCount >= 100_000)
        part.empty()
        #expect(part.filledByteCount == 0)
        #expect([UInt8](copying: part.bytes).allSatisfy { $0 == 0 })
        part.fill(0..<100_000)
        #expect([UInt8](copying: part.bytes) == whole)
    }

    @Test func `a copy is there from the start and stays`() throws {
        let copy = try #require(ElfPart(copying: whole))
        copy.empty()
        copy.fill(0..<100)
        #expect([UInt8](copying: copy.bytes) == whole)
        let nothing = try #require(ElfPart(copying: []))
        #expect(nothing.byteCount == 0)
    }

    @Test func `ranges beyond the part are cut`() throws {
        let part = try #require(ElfPart(of: image, from: FileOffset(100), byteCount: 100_000))
        part.fill(99_999..<UInt64.max)
        part.fill(1 << 40..<1 << 41)
        #expect([UInt8](copying: part.bytes)[99_999] == whole[99_999])
    }

    @Test func `a part that the file does not have is refused`() {
        for (offset, count): (UInt64, UInt64) in [(0, 0), (0, 1 << 50), (.max, 2), (1 << 40, 1)] {
            #expect(ElfPart(of: image, from: FileOffset(offset), byteCount: count) == nil)
        }
    }
}

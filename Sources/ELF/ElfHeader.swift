import Primitives

/// The file header (ELF-64 object file format, "ELF header"): where the two tables are.
struct ElfHeader {
    static let size = 64
    static let segmentSize = 56
    static let sectionSize = 64

    var type: UInt16
    var machine: UInt16
    var entry: UInt64
    var segmentOffset: UInt64
    var segmentCount: UInt16
    var sectionOffset: UInt64
    var sectionCount: UInt64
    var sectionNameIndex: UInt32

    init(_ bytes: [UInt8]) throws(ElfError) {
        guard bytes.count >= 16, bytes[0] == 0x7f, bytes[1] == 0x45, bytes[2] == 0x4c, bytes[3] == 0x46 else {
            throw .notElf
        }
        // EI_CLASS is ELFCLASS64 and EI_DATA is ELFDATA2LSB.
        guard bytes[4] == 2, bytes[5] == 1 else { throw .unsupportedFormat }
        do throws(ReadError) {
            var reader = ByteReader(bytes.rawSpan)
            try reader.seek(to: 16)
            type = try reader.read()
            machine = try reader.read()
            try reader.skip(4)
            entry = try reader.read()
            segmentOffset = try reader.read()
            sectionOffset = try reader.read()
            try reader.skip(4 + 2)
            let segmentEntrySize = try reader.read(UInt16.self)
            segmentCount = try reader.read()
            let sectionEntrySize = try reader.read(UInt16.self)
            sectionCount = UInt64(try reader.read(UInt16.self))
            sectionNameIndex = UInt32(try reader.read(UInt16.self))
            if segmentEntrySize != Self.segmentSize { segmentCount = 0 }
            if sectionEntrySize != Self.sectionSize { sectionOffset = 0 }
        } catch {
            throw .malformed
        }
    }
}

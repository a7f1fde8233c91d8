import Primitives

/// Reads the tables behind the header, with bounds on what a hostile file can make us allocate.
enum ElfTables {
    /// More sections, or more bytes of names or notes, than this are not the work of a linker.
    static let sectionLimit: UInt64 = 1 << 17
    static let nameTableLimit: UInt64 = 16 << 20
    static let noteLimit: UInt64 = 1 << 20

    /// The program headers; a table that does not fit into the file is an error, since nothing can be done without it.
    static func segments(of source: borrowing ElfSource, header: ElfHeader) throws(ElfError) -> [ElfSegment] {
        let count = Int(header.segmentCount)
        let bytes = try source.read(at: FileOffset(header.segmentOffset), count: count * ElfHeader.segmentSize)
        var reader = ByteReader(bytes.rawSpan)
        var segments: [ElfSegment] = []
        do throws(ReadError) {
            for _ in 0..<count { segments.append(try ElfSegment(&reader)) }
        } catch {
            throw .malformed
        }
        return segments
    }

    /// The section headers with their names, and whether there are more than could be read: a table that does not fit into the
    /// file, which is how some packers leave files that run all the same, gives none.
    static func sections(
        of source: borrowing ElfSource, header: ElfHeader
    ) throws(ElfError) -> (sections: [ElfSection], isDamaged: Bool) {
        guard header.sectionOffset != 0 else { return ([], header.sectionCount != 0) }
        let table = FileOffset(header.sectionOffset)
        var count = header.sectionCount
        var nameIndex = header.sectionNameIndex
        if count == 0 || nameIndex == 0xffff {
            // Extended numbering: the first section header holds what does not fit into 16 bits.
            let first = try source.read(at: table, count: ElfHeader.sectionSize)
            var reader = ByteReader(first.rawSpan)
            guard let section = try? ElfSection(&reader) else { return ([], true) }
            if count == 0 { count = section.size }
            if nameIndex == 0xffff { nameIndex = section.link }
        }
        let size = try source.size()
        guard count > 0, count <= sectionLimit, table.value < size,
            count * UInt64(ElfHeader.sectionSize) <= size - table.value
        else { return ([], true) }
        let bytes = try source.read(at: table, count: Int(count) * ElfHeader.sectionSize)
        var reader = ByteReader(bytes.rawSpan)
        var sections: [ElfSection] = []
        for _ in 0..<count {
            guard let section = try? ElfSection(&reader) else { return ([], true) }
            sections.append(section)
        }
        try name(&sections, index: Int(nameIndex), source: source, size: size)
        return (sections, sections.count > 1 && sections.allSatisfy(\.name.isEmpty))
    }

    private static func name(
        _ sections: inout [ElfSection], index: Int, source: borrowing ElfSource, size: UInt64
    ) throws(ElfError) {
        guard index < sections.count else { return }
        let table = sections[index]
        guard table.size <= nameTableLimit, table.offset.value < size, table.size <= size - table.offset.value else {
            return
        }
        let names = try source.read(at: table.offset, count: Int(table.size))
        // Names may overlap, so a table of one long name could be copied once per section: bounded by the budget.
        var budget = 4 << 20
        for position in sections.indices {
            var reader = ByteReader(names.rawSpan)
            guard (try? reader.seek(to: UInt64(sections[position].nameOffset))) != nil,
                let range = try? reader.readStringRange(), range.count <= budget
            else { continue }
            budget -= range.count
            sections[position].name = String(decoding: names[range], as: UTF8.self)
        }
    }

    /// The descriptor of the first `NT_GNU_BUILD_ID` note, in the note segments or else the note sections.
    static func buildID(
        of source: borrowing ElfSource, segments: [ElfSegment], sections: [ElfSection]
    ) throws(ElfError) -> BuildID? {
        var places: [(FileOffset, UInt64)] = []
        for segment in segments where segment.isNote { places.append((segment.offset, segment.fileSize)) }
        for section in sections where section.type == 7 { places.append((section.offset, section.size)) }
        for (offset, size) in places.prefix(64) where size <= noteLimit {
            let bytes = try source.read(at: offset, count: Int(size))
            if let identity = buildID(inNotes: bytes) { return identity }
        }
        return nil
    }

    private static func buildID(inNotes bytes: [UInt8]) -> BuildID? {
        var reader = ByteReader(bytes.rawSpan)
        while reader.remaining >= 12 {
            guard let nameSize = try? reader.read(UInt32.self), let size = try? reader.read(UInt32.self),
                let type = try? reader.read(UInt32.self),
                let name = try? reader.readBytes(Int(nameSize)),
                (try? reader.skip(padding(of: Int(nameSize)))) != nil,
                let descriptor = try? reader.readBytes(Int(size))
            else { return nil }
            if type == 3, name == [0x47, 0x4e, 0x55, 0] { return BuildID(descriptor) }
            // The last note of a section need not be padded.
            guard (try? reader.skip(padding(of: Int(size)))) != nil else { return nil }
        }
        return nil
    }

    /// Note fields are aligned to four bytes; those aligned to eight (PT_GNU_PROPERTY) are in segments of their own.
    private static func padding(of size: Int) -> Int { (4 - size & 3) & 3 }
}

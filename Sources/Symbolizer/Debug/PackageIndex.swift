import Primitives

/// Which part of a .dwp package's sections belongs to which unit (DWARF 5, section 7.3.5; GNU's version 2 before it).
struct PackageIndex {
    /// Where one unit's part of each section starts.
    struct Share {
        var info: UInt64 = 0
        var abbreviations: UInt64 = 0
        var stringOffsets: UInt64 = 0
        var rangeLists: UInt64 = 0
    }

    private var bySplitID: [UInt64: Share] = [:]
    private var byUnitOffset: [UInt64: Share] = [:]

    /// Reads .debug_cu_index; nil if there is none or it is damaged.
    init?(_ section: SectionBytes) {
        guard !section.isEmpty else { return nil }
        do {
            try read(section)
        } catch {
            return nil
        }
    }

    /// The parts of the unit with this identifier.
    func share(ofSplitID id: UInt64) -> Share? { bySplitID[id] }

    /// The parts of the unit at this offset of .debug_info.dwo.
    func share(ofUnitAt offset: UInt64) -> Share? { byUnitOffset[offset] }

    private mutating func read(_ section: SectionBytes) throws(ReadError) {
        var reader = ByteReader(section.bytes)
        // Version 2 is a 32-bit number, version 5 a 16-bit number and padding: the same bytes.
        let version = try reader.read(UInt32.self) & 0xffff
        guard version == 2 || version == 5 else { throw .outOfBounds }
        let columns = Int(try reader.read(UInt32.self))
        let units = Int(try reader.read(UInt32.self))
        let slots = Int(try reader.read(UInt32.self))
        let hashes = reader.offset
        guard slots <= reader.remaining / 12, columns <= 16 else { throw .outOfBounds }
        let identifiers = hashes + slots * 12
        let table = identifiers + columns * 4
        guard units <= (section.count - min(table, section.count)) / max(columns * 4, 1) else { throw .outOfBounds }
        try reader.seek(to: identifiers)
        var kinds: [UInt32] = []
        for _ in 0..<columns { kinds.append(try reader.read()) }
        for slot in 0..<slots {
            try reader.seek(to: hashes + slots * 8 + slot * 4)
            let row = Int(try reader.read(UInt32.self))
            guard row > 0, row <= units else { continue }
            try reader.seek(to: hashes + slot * 8)
            let id = try reader.read(UInt64.self)
            try reader.seek(to: table + (row - 1) * columns * 4)
            var share = Share()
            for kind in kinds {
                let start = UInt64(try reader.read(UInt32.self))
                switch kind {
                case 1: share.info = start
                case 3: share.abbreviations = start
                case 6: share.stringOffsets = start
                case 8 where version == 5: share.rangeLists = start
                default: break
                }
            }
            bySplitID[id] = share
            byUnitOffset[share.info] = share
        }
    }
}

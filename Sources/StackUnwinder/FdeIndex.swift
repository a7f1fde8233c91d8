import Primitives

/// Where the FDE for an address is: sorted starts of functions and the offsets of their FDEs.
struct FdeIndex {
    /// What the starts are relative to.
    let base: UInt64
    private(set) var starts: [UInt32] = []
    private(set) var offsets: [UInt32] = []

    /// The index that the linker made: `.eh_frame_hdr` (LSB core, "Exception Frame Header").
    ///
    /// Nil when it has no sorted table in the usual form; then the section is scanned instead.
    init?(header: [UInt8], section: CfiSection, base: UInt64) {
        self.base = base
        var reader = ByteReader(header.rawSpan)
        guard let version = try? reader.read(UInt8.self), version == 1,
            let pointerEncoding = try? reader.read(UInt8.self), let countEncoding = try? reader.read(UInt8.self),
            let tableEncoding = try? reader.read(UInt8.self), tableEncoding == 0x3b,
            let at = Self.headerReader(section: section),
            (try? at.readPointer(&reader, encoding: pointerEncoding)) != nil,
            let count = try? at.readPointer(&reader, encoding: countEncoding),
            count > 0, count <= UInt64(reader.remaining / 8)
        else { return nil }
        reserve(Int(count))
        for _ in 0..<Int(count) {
            guard let start = try? reader.read(Int32.self), let entry = try? reader.read(Int32.self) else { return nil }
            let offset = section.dataBase &+ UInt64(bitPattern: Int64(entry)) &- section.address
            add(start: section.dataBase &+ UInt64(bitPattern: Int64(start)), offset: offset, in: section)
        }
        sort()
    }

    /// The index made by reading every entry of the section once.
    init(scanning section: CfiSection, base: UInt64) {
        self.base = base
        var offset = 0
        while offset < section.bytes.count {
            guard let entry = try? section.entry(at: offset) else {
                // Linkers leave terminators in the middle when they join sections.
                if section.isTerminator(at: offset) {
                    offset += 4
                    continue
                }
                break
            }
            if entry.common != nil, let description = try? section.frameDescription(at: offset) {
                add(start: description.range.lowerBound, offset: UInt64(offset), in: section)
            }
            offset = entry.next
        }
        sort()
    }

    var count: Int { starts.count }

    /// The position of the last start at or below `address`. O(log n).
    func position(for address: UInt64) -> Int? {
        guard address >= base, let relative = UInt32(exactly: address - base) else { return nil }
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low &+ high) / 2
            if starts[middle] <= relative { low = middle &+ 1 } else { high = middle }
        }
        return low == 0 ? nil : low &- 1
    }

    private static func headerReader(section: CfiSection) -> CfiSection? {
        // Pointers in the header are relative to it, as if it were the section.
        CfiSection(format: .ehFrame, bytes: [], address: section.dataBase, dataBase: section.dataBase)
    }

    private mutating func reserve(_ count: Int) {
        starts.reserveCapacity(count)
        offsets.reserveCapacity(count)
    }

    private mutating func add(start: UInt64, offset: UInt64, in section: CfiSection) {
        // What lies outside four gigabytes, or outside the section, cannot be reached anyway.
        guard start >= base, let relative = UInt32(exactly: start - base), offset < UInt64(section.bytes.count),
            let short = UInt32(exactly: offset)
        else { return }
        starts.append(relative)
        offsets.append(short)
    }

    /// Sorts if need be and keeps one entry per start, so that no FDE is decoded twice for the same code.
    private mutating func sort() {
        var isSorted = true
        for position in starts.indices.dropFirst() where starts[position] <= starts[position - 1] {
            isSorted = false
            break
        }
        guard !isSorted else { return }
        let order = starts.indices.sorted { (starts[$0], offsets[$0]) < (starts[$1], offsets[$1]) }
        var newStarts: [UInt32] = []
        var newOffsets: [UInt32] = []
        for position in order where newStarts.last != starts[position] {
            newStarts.append(starts[position])
            newOffsets.append(offsets[position])
        }
        starts = newStarts
        offsets = newOffsets
    }
}

extension CfiSection {
    /// Whether four zero bytes are at `offset`.
    func isTerminator(at offset: Int) -> Bool {
        var reader = ByteReader(bytes.rawSpan)
        guard (try? reader.seek(to: offset)) != nil, let word = try? reader.read(UInt32.self) else { return false }
        return word == 0
    }
}

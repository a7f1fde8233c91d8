import ELF
import Primitives

/// Where the FDE for an address is: starts of functions in ascending order, and the offsets of their FDEs.
struct FdeIndex {
    /// What the starts of rows are relative to.
    let base: UInt64
    let count: Int
    private let table: Table

    private enum Table {
        /// Made by reading the whole section; the starts are relative to `base`.
        case lists(starts: [UInt32], offsets: [UInt32])
        /// The linker's.
        case header(FdeHeaderTable)
    }

    /// The index that the linker made: `.eh_frame_hdr` (LSB core, "Exception Frame Header"), which is sorted, as the C++
    /// runtime relies on.
    ///
    /// Nil when it has no table in the usual form; then the section is scanned instead.
    init?(header: ElfPart, section: CfiSection, base: UInt64) {
        guard let linkers = FdeHeaderTable(header, section: section) else { return nil }
        self.base = base
        count = linkers.count
        table = .header(linkers)
    }

    /// The index made by reading every entry of the section once.
    init(scanning section: CfiSection, base: UInt64) {
        self.base = base
        var starts: [UInt32] = []
        var offsets: [UInt32] = []
        var offset = 0
        while offset < section.byteCount {
            section.trim()
            guard let entry = try? section.entry(at: offset) else {
                // Linkers leave terminators in the middle when they join sections.
                if section.isTerminator(at: offset) {
                    offset += 4
                    continue
                }
                break
            }
            // What lies outside four gigabytes cannot be reached anyway.
            if entry.common != nil, let start = (try? section.frameDescription(at: offset))?.range.lowerBound,
                start >= base, let relative = UInt32(exactly: start - base), let short = UInt32(exactly: offset)
            {
                starts.append(relative)
                offsets.append(short)
            }
            offset = entry.next
        }
        Self.sort(&starts, &offsets)
        count = starts.count
        table = .lists(starts: starts, offsets: offsets)
    }

    /// Where the function at `position`, which must be less than `count`, starts.
    func start(at position: Int) -> UInt64 {
        switch table {
        case .lists(let starts, _): base &+ UInt64(starts[position])
        case .header(let linkers): linkers.start(at: position)
        }
    }

    /// Where in the section its FDE is; nil when that cannot be.
    func offset(at position: Int) -> Int? {
        switch table {
        case .lists(_, let offsets): Int(offsets[position])
        case .header(let linkers): linkers.offset(at: position)
        }
    }

    /// The position of the last start at or below `address`. O(log n).
    func position(for address: UInt64) -> Int? {
        // Rows are kept by their distance from the base.
        guard address >= base, address - base <= UInt64(UInt32.max) else { return nil }
        switch table {
        case .header(let linkers):
            guard let position = linkers.position(for: address), linkers.start(at: position) >= base else { return nil }
            return position
        case .lists(let starts, _):
            let relative = UInt32(truncatingIfNeeded: address - base)
            var low = 0
            var high = count
            while low < high {
                let middle = (low &+ high) / 2
                if starts[middle] <= relative { low = middle &+ 1 } else { high = middle }
            }
            return low == 0 ? nil : low &- 1
        }
    }

    /// Sorts if need be and keeps one entry per start, so that no FDE is decoded twice for the same code.
    private static func sort(_ starts: inout [UInt32], _ offsets: inout [UInt32]) {
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

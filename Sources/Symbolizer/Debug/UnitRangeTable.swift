import Primitives

/// Which units have code at which addresses.
struct UnitRangeTable {
    private struct Entry {
        var low: UInt64
        var high: UInt64
        /// The highest end of this and all earlier entries: where a search backwards may stop.
        var reach: UInt64
        var unit: Int32
    }

    private var entries: [Entry] = []

    /// Takes each unit's own ranges, or .debug_aranges for units that state none. O(n log n) in ranges.
    ///
    /// .debug_aranges alone would not do: clang and swiftc leave it out, or write it for a few units only.
    init(_ file: DebugFile, code: CodeRanges, warnings: inout [String]) {
        var unstated: Set<Int> = []
        var budget = 1 << 20 + file.sections.byteCount / 2
        for (index, unit) in file.units.enumerated() {
            if unit.kind == UnitKind.type || unit.kind == UnitKind.splitType { continue }
            let before = entries.count
            let resolver = ValueResolver(sections: file.sections, unit: unit)
            // The base of a DWARF 4 skeleton counts for its split unit only.
            var plain = resolver.unit
            plain.rangesBase = 0
            do throws(DebugError) {
                try ValueResolver(sections: file.sections, unit: plain).forEachRange(
                    low: unit.lowPC, high: unit.highPC, ranges: unit.ranges, budget: &budget
                ) { range in
                    if code.contains(range.lowerBound) { append(range, index) }
                }
            } catch {
                if warnings.count < 16 {
                    warnings.append(
                        "debug info: ranges of the unit at \(hexadecimal(UInt64(unit.offset))) unusable: \(error)")
                }
            }
            if entries.count == before, unit.ranges == nil, unit.highPC == nil, unit.kind != UnitKind.partial {
                unstated.insert(index)
            }
        }
        if !unstated.isEmpty { addAddressRanges(file, only: unstated, code: code) }
        entries.sort { ($0.low, $0.high) < ($1.low, $1.high) }
        var reach: UInt64 = 0
        for index in entries.indices {
            reach = max(reach, entries[index].high)
            entries[index].reach = reach
        }
    }

    /// The first of the units with code at `address`; nil if there is none. O(log n).
    func firstUnit(at address: UInt64) -> Int32? {
        var index = entriesStarted(by: address) - 1
        var steps = 0
        while index >= 0, entries[index].reach > address, steps < Self.stepLimit {
            if entries[index].high > address { return entries[index].unit }
            index -= 1
            steps += 1
        }
        return nil
    }

    /// The units with code at `address`, the narrowest start first; at most four, which is more than sane files have.
    func units(at address: UInt64) -> [Int] {
        var found: [Int] = []
        var index = entriesStarted(by: address) - 1
        var steps = 0
        while index >= 0, entries[index].reach > address, steps < Self.stepLimit, found.count < 4 {
            let entry = entries[index]
            if entry.high > address, !found.contains(Int(entry.unit)) { found.append(Int(entry.unit)) }
            index -= 1
            steps += 1
        }
        return found
    }

    private static let stepLimit = 4096

    /// How many entries start at or before `address`.
    private func entriesStarted(by address: UInt64) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].low <= address { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func append(_ range: Range<UInt64>, _ unit: Int) {
        entries.append(
            Entry(low: range.lowerBound, high: range.upperBound, reach: 0, unit: Int32(clamping: unit)))
    }

    /// .debug_aranges (DWARF 5, section 6.1.2).
    private mutating func addAddressRanges(_ file: DebugFile, only wanted: Set<Int>, code: CodeRanges) {
        var byOffset: [UInt64: Int] = [:]
        for index in wanted { byOffset[UInt64(file.units[index].offset)] = index }
        let section = file.sections.addressRanges
        var reader = ByteReader(section.bytes)
        do {
            while !reader.isAtEnd {
                var length = UInt64(try reader.read(UInt32.self))
                let wide = length == 0xffff_ffff
                if wide { length = try reader.read(UInt64.self) }
                guard length <= UInt64(reader.remaining) else { return }
                let end = reader.offset + Int(length)
                try reader.skip(2)
                let unit = byOffset[try reader.readUnsigned(size: wide ? 8 : 4)]
                let size = Int(try reader.read(UInt8.self))
                guard let unit, size == 4 || size == 8 else {
                    try reader.seek(to: end)
                    continue
                }
                try reader.skip(1)
                // Tuples are aligned to twice the address size from the start of the header.
                let header = reader.offset - (end - Int(length)) + (wide ? 12 : 4)
                try reader.skip((2 * size - header % (2 * size)) % (2 * size))
                while reader.offset + 2 * size <= end {
                    let start = try reader.readUnsigned(size: size)
                    let count = try reader.readUnsigned(size: size)
                    let (stop, overflow) = start.addingReportingOverflow(count)
                    if !overflow, start < stop, code.contains(start) { append(start..<stop, unit) }
                }
                try reader.seek(to: end)
            }
        } catch {
            return
        }
    }
}

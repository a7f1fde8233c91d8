import Primitives

/// Turns what attributes say into addresses, ranges and strings, which takes the unit's bases and other sections.
struct ValueResolver {
    let sections: DebugSections
    let unit: Unit

    /// The address that `value` states, directly or by its index in .debug_addr; nil if it states none.
    func address(_ value: AttributeValue) -> UInt64? {
        switch value {
        case .address(let address): address
        case .addressIndex(let index): address(index: index)
        default: nil
        }
    }

    /// Entry `index` of the unit's part of .debug_addr; nil outside of the section.
    func address(index: UInt64) -> UInt64? {
        let size = UInt64(unit.key.addressSize)
        return Self.element(index, size: size, base: unit.addressBase, of: sections.addresses)
    }

    /// Where the string of `value` is stored.
    func stringReference(_ value: AttributeValue) -> StringReference {
        switch value {
        case .string(let reference): return reference
        case .stringIndex(let index):
            let size = UInt64(unit.key.offsetSize)
            guard
                let offset = Self.element(
                    index, size: size, base: unit.stringOffsetsBase, of: sections.stringOffsets)
            else { return .none }
            return StringReference(place: .strings, offset: offset)
        default: return .none
        }
    }

    /// Calls `body` with each range of addresses that an entry with these attributes covers.
    ///
    /// `budget` counts down with each list entry, so that many entries naming one long list take bounded time.
    func forEachRange(
        low: UInt64?, high: AttributeValue?, ranges: AttributeValue?, budget: inout Int,
        _ body: (Range<UInt64>) -> Void
    ) throws(DebugError) {
        if let ranges {
            do {
                try forEachListed(ranges, budget: &budget, body)
            } catch let error as ReadError {
                throw .malformed(error)
            } catch let error as DebugError {
                throw error
            } catch {
                throw .unsupported("range list")
            }
            return
        }
        guard let low, let high else { return }
        let end: UInt64
        switch high {
        case .constant(let size):
            let (sum, overflow) = low.addingReportingOverflow(size)
            if overflow { return }
            end = sum
        default:
            guard let address = address(high) else { return }
            end = address
        }
        if low < end { body(low..<end) }
    }

    private func forEachListed(
        _ value: AttributeValue, budget: inout Int, _ body: (Range<UInt64>) -> Void
    ) throws {
        let offset: UInt64
        if case .listIndex(let index) = value {
            let size = UInt64(unit.key.offsetSize)
            guard
                let relative = Self.element(
                    index, size: size, base: unit.rangeListsBase, of: sections.rangeLists)
            else { throw ReadError.outOfBounds }
            let (sum, overflow) = relative.addingReportingOverflow(unit.rangeListsBase)
            guard !overflow else { throw ReadError.outOfBounds }
            offset = sum
        } else {
            guard let number = value.number else { return }
            offset = number
        }
        if unit.version >= 5 {
            try forEachInRangeLists(at: offset, budget: &budget, body)
        } else {
            let (sum, overflow) = offset.addingReportingOverflow(unit.rangesBase)
            guard !overflow else { throw ReadError.outOfBounds }
            try forEachInRanges(at: sum, budget: &budget, body)
        }
    }

    /// .debug_ranges, DWARF 2 to 4.
    private func forEachInRanges(
        at offset: UInt64, budget: inout Int, _ body: (Range<UInt64>) -> Void
    ) throws {
        var reader = try ByteReader(sections.ranges.bytes, at: offset)
        let size = Int(unit.key.addressSize)
        let selectsBase = size == 8 ? UInt64.max : 0xffff_ffff
        var base = unit.lowPC ?? 0
        while true {
            budget -= 1
            guard budget > 0 else { throw DebugError.limitExceeded("range list entries") }
            let start = try reader.readUnsigned(size: size)
            let end = try reader.readUnsigned(size: size)
            if start == 0, end == 0 { return }
            if start == selectsBase {
                base = end
            } else if start < end {
                Self.emit(start &+ base, end &+ base, body)
            }
        }
    }

    /// .debug_rnglists, DWARF 5 (section 7.25).
    private func forEachInRangeLists(
        at offset: UInt64, budget: inout Int, _ body: (Range<UInt64>) -> Void
    ) throws {
        var reader = try ByteReader(sections.rangeLists.bytes, at: offset)
        let size = Int(unit.key.addressSize)
        var base = unit.lowPC ?? 0
        while true {
            budget -= 1
            guard budget > 0 else { throw DebugError.limitExceeded("range list entries") }
            switch try reader.read(UInt8.self) {
            case 0: return
            case 1: base = address(index: try reader.readNumber()) ?? 0
            case 2:
                let start = address(index: try reader.readNumber())
                let end = address(index: try reader.readNumber())
                if let start, let end { Self.emit(start, end, body) }
            case 3:
                let start = address(index: try reader.readNumber())
                let length = try reader.readNumber()
                if let start { Self.emit(start, start &+ length, body) }
            case 4:
                let start = try reader.readNumber()
                let end = try reader.readNumber()
                Self.emit(base &+ start, base &+ end, body)
            case 5: base = try reader.readUnsigned(size: size)
            case 6:
                let start = try reader.readUnsigned(size: size)
                Self.emit(start, try reader.readUnsigned(size: size), body)
            case 7:
                let start = try reader.readUnsigned(size: size)
                Self.emit(start, start &+ (try reader.readNumber()), body)
            case let kind: throw DebugError.unsupported("range list entry \(kind)")
            }
        }
    }

    private static func emit(_ start: UInt64, _ end: UInt64, _ body: (Range<UInt64>) -> Void) {
        if start < end { body(start..<end) }
    }

    private static func element(_ index: UInt64, size: UInt64, base: UInt64, of section: SectionBytes) -> UInt64? {
        let (distance, overflow) = index.multipliedReportingOverflow(by: size)
        let (offset, carry) = base.addingReportingOverflow(distance)
        guard !overflow, !carry, var reader = try? ByteReader(section.bytes, at: offset) else { return nil }
        return try? reader.readUnsigned(size: Int(size))
    }
}

import Primitives

/// Reads units' headers and first entries.
struct UnitReader {
    let sections: DebugSections
    /// Where a package keeps each unit's share of the other sections, by the unit's offset.
    let package: PackageIndex?

    /// The unit whose header starts at `offset`, without its first entry's attributes.
    func header(at offset: Int) throws(DebugError) -> Unit {
        do {
            return try readHeader(at: offset)
        } catch let error as ReadError {
            throw .malformed(error)
        } catch let error as DebugError {
            throw error
        } catch {
            throw .unsupported("unit header")
        }
    }

    private func readHeader(at offset: Int) throws -> Unit {
        var reader = ByteReader(sections.info.bytes)
        try reader.seek(to: offset)
        var length = UInt64(try reader.read(UInt32.self))
        var offsetSize: UInt8 = 4
        if length == 0xffff_ffff {
            length = try reader.read(UInt64.self)
            offsetSize = 8
        } else if length >= 0xffff_fff0 {
            throw DebugError.unsupported("unit length")
        }
        guard length <= UInt64(reader.remaining) else { throw ReadError.outOfBounds }
        let end = reader.offset + Int(length)
        let version = try reader.read(UInt16.self)
        guard (2...5).contains(version) else { throw DebugError.unsupported("DWARF version \(version)") }
        var kind = UnitKind.compile
        var addressSize: UInt8
        var abbreviations: UInt64
        var splitID: UInt64?
        if version >= 5 {
            kind = try reader.read(UInt8.self)
            addressSize = try reader.read(UInt8.self)
            abbreviations = try reader.readUnsigned(size: Int(offsetSize))
            switch kind {
            case UnitKind.skeleton, UnitKind.splitCompile: splitID = try reader.read(UInt64.self)
            case UnitKind.type, UnitKind.splitType: try reader.skip(8 + Int(offsetSize))
            default: break
            }
        } else {
            abbreviations = try reader.readUnsigned(size: Int(offsetSize))
            addressSize = try reader.read(UInt8.self)
        }
        guard addressSize == 4 || addressSize == 8 else {
            throw DebugError.unsupported("address size \(addressSize)")
        }
        guard reader.offset <= end else { throw ReadError.outOfBounds }
        let share = package?.share(ofUnitAt: UInt64(offset))
        if let share {
            let (sum, overflow) = abbreviations.addingReportingOverflow(share.abbreviations)
            guard !overflow else { throw ReadError.outOfBounds }
            abbreviations = sum
        }
        // A split unit has no base attributes: its own share starts with a header to be passed over.
        let wide = UInt64(offsetSize == 8 ? 8 : 0)
        return Unit(
            offset: offset, entries: reader.offset, end: end, version: version, kind: kind,
            key: .init(
                offset: abbreviations, offsetSize: offsetSize, addressSize: addressSize,
                referenceSize: version <= 2 ? addressSize : offsetSize),
            splitID: splitID,
            stringOffsetsBase: (share?.stringOffsets ?? 0) &+ (version >= 5 ? 8 + wide : 0),
            addressBase: version >= 5 ? 8 + wide : 0,
            rangeListsBase: (share?.rangeLists ?? 0) &+ (version >= 5 ? 12 + wide : 0))
    }

    /// Fills in what the unit's first entry says.
    func readRoot(_ unit: inout Unit) throws(DebugError) {
        do {
            try fill(&unit)
        } catch let error as ReadError {
            throw .malformed(error)
        } catch let error as DebugError {
            throw error
        } catch {
            throw .unsupported("first entry of a unit")
        }
    }

    private func fill(_ unit: inout Unit) throws {
        var reader = ByteReader(sections.info.bytes.extracting(first: unit.end))
        try reader.seek(to: unit.entries)
        let code = try reader.readNumber()
        if code == 0 { return }
        let table = try AbbreviationTable(sections.abbreviations, unit.key, upTo: code)
        guard let entry = table.entry(code) else { throw DebugError.unknownAbbreviation(code) }
        var values: [(name: UInt16, value: AttributeValue)] = []
        let first = Int(entry.firstAttribute)
        for specification in table.attributes[first..<first + Int(entry.attributeCount)] {
            values.append((specification.name, try AttributeValue.read(specification, unit.key, &reader)))
        }
        // Bases first: other attributes' indexes count from them, whatever the order in the entry.
        for (name, value) in values {
            guard let number = value.number else { continue }
            switch name {
            case Attribute.strOffsetsBase: unit.stringOffsetsBase = number
            case Attribute.addrBase, Attribute.gnuAddrBase: unit.addressBase = number
            case Attribute.rnglistsBase: unit.rangeListsBase = number
            case Attribute.gnuRangesBase: unit.rangesBase = number
            case Attribute.stmtList: unit.lineOffset = number
            case Attribute.language: unit.language = UInt16(truncatingIfNeeded: number)
            case Attribute.gnuDwoID: unit.splitID = number
            default: break
            }
        }
        let resolver = ValueResolver(sections: sections, unit: unit)
        for (name, value) in values {
            switch name {
            case Attribute.name: unit.name = resolver.stringReference(value)
            case Attribute.compDir: unit.compilationDirectory = resolver.stringReference(value)
            case Attribute.dwoName, Attribute.gnuDwoName: unit.splitName = resolver.stringReference(value)
            case Attribute.lowPC: unit.lowPC = resolver.address(value)
            case Attribute.highPC: unit.highPC = value
            case Attribute.ranges: unit.ranges = value
            default: break
            }
        }
        // The base moves only the ranges of the split unit, not the skeleton's own.
    }
}

extension AttributeValue {
    /// The plain number of a constant or an offset into a section; older versions write offsets as constants.
    var number: UInt64? {
        switch self {
        case .constant(let value), .sectionOffset(let value): value
        default: nil
        }
    }
}

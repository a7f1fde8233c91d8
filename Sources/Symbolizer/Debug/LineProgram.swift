import Primitives

/// The header of one program of .debug_line (DWARF 2 to 5; DWARF 5, section 6.2.4).
struct LineProgram {
    let section: SectionBytes
    let files: FileTable.Stored
    /// The bytes of the instructions.
    let instructions: Range<Int>
    let addressSize: Int
    let minimumInstructionLength: UInt64
    let maximumOperations: UInt64
    let lineBase: Int64
    let lineRange: UInt8
    let opcodeBase: UInt8
    let operandCounts: [UInt8]

    /// Reads the header at `offset` of .debug_line.
    init(_ sections: DebugSections, at offset: UInt64, _ unit: Unit) throws(DebugError) {
        do {
            try self.init(reading: sections, offset, unit)
        } catch let error as ReadError {
            throw .malformed(error)
        } catch let error as DebugError {
            throw error
        } catch {
            throw .unsupported("line program")
        }
    }

    private init(reading sections: DebugSections, _ offset: UInt64, _ unit: Unit) throws {
        let section = sections.lines
        self.section = section
        var reader = try ByteReader(section.bytes, at: offset)
        var length = UInt64(try reader.read(UInt32.self))
        var offsetSize = 4
        if length == 0xffff_ffff {
            length = try reader.read(UInt64.self)
            offsetSize = 8
        }
        guard length <= UInt64(reader.remaining) else { throw ReadError.outOfBounds }
        let end = reader.offset + Int(length)
        let version = try reader.read(UInt16.self)
        guard (2...5).contains(version) else { throw DebugError.unsupported("line program version \(version)") }
        var addressSize = unit.key.addressSize
        if version >= 5 {
            addressSize = try reader.read(UInt8.self)
            try reader.skip(1)
        }
        let headerLength = try reader.readUnsigned(size: offsetSize)
        guard headerLength <= UInt64(reader.remaining) else { throw ReadError.outOfBounds }
        let start = reader.offset + Int(headerLength)
        guard start <= end else { throw ReadError.outOfBounds }
        minimumInstructionLength = UInt64(try reader.read(UInt8.self))
        maximumOperations = version >= 4 ? UInt64(max(try reader.read(UInt8.self), 1)) : 1
        try reader.skip(1)
        lineBase = Int64(try reader.read(Int8.self))
        lineRange = try reader.read()
        opcodeBase = try reader.read()
        operandCounts = try reader.readBytes(Int(max(opcodeBase, 1)) - 1)
        let key = AbbreviationTable.Key(
            offset: 0, offsetSize: UInt8(offsetSize), addressSize: addressSize, referenceSize: UInt8(offsetSize))
        var resolverUnit = unit
        resolverUnit.key = key
        let resolver = ValueResolver(sections: sections, unit: resolverUnit)
        // The tables end where the instructions start, whatever counts they state.
        var tables = ByteReader(section.bytes.extracting(first: start))
        try tables.seek(to: reader.offset)
        files =
            version >= 5
            ? try Self.readTables(&tables, version, key, resolver)
            : try Self.readOldTables(&tables, version)
        instructions = start..<end
        self.addressSize = Int(addressSize)
    }

    @_lifetime(reader: copy reader)
    private static func readOldTables(
        _ reader: inout ByteReader, _ version: UInt16
    ) throws -> FileTable.Stored {
        var stored = FileTable.Stored(version: version)
        while true {
            let range = try reader.readStringRange()
            if range.isEmpty { break }
            stored.directories.append(.init(place: .lineProgram, offset: UInt64(range.lowerBound)))
        }
        while true {
            let range = try reader.readStringRange()
            if range.isEmpty { break }
            let directory = try reader.readNumber()
            try reader.skipNumber()
            try reader.skipNumber()
            stored.files.append(
                .init(name: .init(place: .lineProgram, offset: UInt64(range.lowerBound)), directory: directory))
        }
        return stored
    }

    @_lifetime(reader: copy reader)
    private static func readTables(
        _ reader: inout ByteReader, _ version: UInt16, _ key: AbbreviationTable.Key, _ resolver: ValueResolver
    ) throws -> FileTable.Stored {
        var stored = FileTable.Stored(version: version)
        stored.directories = try readTable(&reader, key, resolver).map(\.name)
        stored.files = try readTable(&reader, key, resolver)
        return stored
    }

    @_lifetime(reader: copy reader)
    private static func readTable(
        _ reader: inout ByteReader, _ key: AbbreviationTable.Key, _ resolver: ValueResolver
    ) throws -> [FileTable.Entry] {
        let formatCount = Int(try reader.read(UInt8.self))
        var format: [AttributeSpecification] = []
        for _ in 0..<formatCount {
            let name = UInt16(truncatingIfNeeded: try reader.readNumber())
            format.append(.init(name: name, form: UInt16(truncatingIfNeeded: try reader.readNumber()), constant: 0))
        }
        let count = try reader.readNumber()
        // Without a format entries take no bytes, and a large count would run for ever.
        guard count <= UInt64(reader.remaining), !format.isEmpty || count == 0 else { throw ReadError.outOfBounds }
        var entries: [FileTable.Entry] = []
        for _ in 0..<count {
            var entry = FileTable.Entry(name: .none, directory: 0)
            for specification in format {
                let value = try AttributeValue.read(specification, key, &reader)
                switch specification.name {
                case 1:
                    entry.name = resolver.stringReference(value)
                    // `string` forms were read from .debug_line here, not from .debug_info.
                    if entry.name.place == .info { entry.name.place = .lineProgram }
                case 2: if case .constant(let number) = value { entry.directory = number }
                default: break
                }
            }
            entries.append(entry)
        }
        return entries
    }
}

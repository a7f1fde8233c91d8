import Primitives

/// The debug information of one file: its units, and tables that several units share.
///
/// Not for use by two threads at once; units do not depend on each other, so threads can each have their own.
final class DebugFile {
    let sections: DebugSections
    /// All units that could be read, by offset.
    let units: [Unit]
    let package: PackageIndex?
    /// What was wrong with the unit list, for the user.
    private(set) var warnings: [String] = []
    /// The file that dwz moved common entries and strings to.
    var alternate: DebugFile?
    /// Of split debug information the main file, and by their identifiers the units in it that stand for this file's.
    var skeletonFile: DebugFile?
    var skeletons: [UInt64: Unit] = [:]

    private var tables: [AbbreviationTable.Key: AbbreviationTable] = [:]
    /// What was asked for last, which is nearly always what is asked for next.
    private var lastTable: (key: AbbreviationTable.Key, table: AbbreviationTable)?
    private var tableEntryCount = 0
    private var fileTables: [UInt64: FileTable] = [:]
    private var scopes: [Int: ScopeTable] = [:]

    /// Reads all headers and first entries. O(number of units).
    init(_ sections: DebugSections) {
        self.sections = sections
        package = PackageIndex(sections.unitIndex)
        let reader = UnitReader(sections: sections, package: package)
        var units: [Unit] = []
        var offset = 0
        while offset < sections.info.count {
            do throws(DebugError) {
                var unit = try reader.header(at: offset)
                // A unit always has a length field, so this ends.
                offset = unit.end
                do throws(DebugError) {
                    try reader.readRoot(&unit)
                    units.append(unit)
                } catch {
                    Self.warn(&warnings, unit.offset, error)
                }
            } catch {
                Self.warn(&warnings, offset, error)
                guard let next = Self.nextUnit(after: offset, sections.info) else { break }
                offset = next
            }
        }
        self.units = units
    }

    /// The unit that contains `offset` of .debug_info. O(log n).
    func unit(containing offset: UInt64) -> Unit? {
        guard let offset = Int(exactly: offset) else { return nil }
        var low = 0
        var high = units.count
        while low < high {
            let middle = (low + high) / 2
            if units[middle].end <= offset { low = middle + 1 } else { high = middle }
        }
        guard low < units.count, units[low].offset <= offset else { return nil }
        return units[low]
    }

    /// The abbreviations of `unit`, kept for the next unit that uses them.
    func abbreviations(of unit: Unit) throws(DebugError) -> AbbreviationTable {
        if let lastTable, lastTable.key == unit.key { return lastTable.table }
        if let table = tables[unit.key] {
            lastTable = (unit.key, table)
            return table
        }
        let table = try AbbreviationTable(sections.abbreviations, unit.key)
        // Each unit of GCC has its own table; keeping all of a large program's would cost more than reading them.
        tableEntryCount += table.attributes.count
        if tableEntryCount > 200_000 {
            tables.removeAll()
            tableEntryCount = table.attributes.count
        }
        tables[unit.key] = table
        lastTable = (unit.key, table)
        return table
    }

    /// The names of the source files that `unit`'s entries refer to by number; nil if it has none.
    ///
    /// Of a split unit without a table of its own, which is how clang writes them, it is the skeleton's.
    func fileTable(of unit: Unit) -> FileTable? {
        guard let offset = unit.lineOffset else {
            guard let id = unit.splitID, let skeleton = skeletons[id] else { return nil }
            return skeletonFile?.fileTable(of: skeleton)
        }
        if let table = fileTables[offset] { return table }
        guard let program = try? LineProgram(sections, at: offset, unit) else { return nil }
        return fileTable(of: unit, program)
    }

    /// The same, from a line program that has been read already.
    func fileTable(of unit: Unit, _ program: LineProgram) -> FileTable? {
        guard let offset = unit.lineOffset else { return nil }
        if let table = fileTables[offset] { return table }
        let table = FileTable(
            program.files, name: string(unit.name), compilationDirectory: string(unit.compilationDirectory),
            file: self)
        if fileTables.count > 4096 { fileTables.removeAll() }
        fileTables[offset] = table
        return table
    }

    /// Which named scopes contain which entries of `unit`.
    func scopes(of unit: Unit) throws(DebugError) -> ScopeTable {
        if let table = scopes[unit.offset] { return table }
        let table = try ScopeTable(unit, abbreviations(of: unit), sections)
        if scopes.count > 256 { scopes.removeAll() }
        scopes[unit.offset] = table
        return table
    }

    /// The text at `reference`; empty if there is none.
    func string(_ reference: StringReference) -> String {
        if reference.place == .alternate {
            return alternate?.string(.init(place: .strings, offset: reference.offset)) ?? ""
        }
        let section = section(reference.place)
        return String(decodingBytes: section.bytes.extracting(Self.range(of: reference, in: section)))
    }

    /// The text at `reference` if it can be a name, else an empty one: compilers write UTF-8 without control characters,
    /// damaged files hold anything, and the symbol table knows the function as well.
    func name(_ reference: StringReference) -> String {
        if reference.place == .alternate {
            return alternate?.name(.init(place: .strings, offset: reference.offset)) ?? ""
        }
        let section = section(reference.place)
        let bytes = section.bytes.extracting(Self.range(of: reference, in: section))
        // Without a branch in the loop, many bytes are looked at together.
        var hasControl = false
        var bits: UInt8 = 0
        for index in 0..<bytes.byteCount {
            let byte = unsafe bytes.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
            hasControl = hasControl || byte < 0x20 || byte == 0x7f
            bits |= byte
        }
        if hasControl { return "" }
        let text = String(decodingBytes: bytes)
        return bits < 0x80 || !text.unicodeScalars.contains("\u{fffd}") ? text : ""
    }

    /// The bytes that `reference` names, without their zero; none where there is no string.
    private static func range(of reference: StringReference, in section: SectionBytes) -> Range<Int> {
        guard var reader = try? ByteReader(section.bytes, at: reference.offset),
            let range = try? reader.readStringRange()
        else { return 0..<0 }
        // A name longer than this is an attack, not a name.
        return range.prefix(1 << 20)
    }

    private func section(_ place: StringReference.Place) -> SectionBytes {
        switch place {
        case .none, .alternate: .none
        case .info: sections.info
        case .strings: sections.strings
        case .lineStrings: sections.lineStrings
        case .lineProgram: sections.lines
        }
    }

    /// Passes over a unit whose header is unusable, by its length alone.
    private static func nextUnit(after offset: Int, _ section: SectionBytes) -> Int? {
        var reader = ByteReader(section.bytes)
        do {
            try reader.seek(to: offset)
            let short = try reader.read(UInt32.self)
            let length = short == 0xffff_ffff ? try reader.read(UInt64.self) : UInt64(short)
            guard length > 0, length <= UInt64(reader.remaining) else { return nil }
            return reader.offset + Int(length)
        } catch {
            return nil
        }
    }

    private static func warn(_ warnings: inout [String], _ offset: Int, _ error: DebugError) {
        guard warnings.count < 16 else { return }
        warnings.append("debug info unusable at unit \(hexadecimal(UInt64(offset))): \(error)")
    }
}

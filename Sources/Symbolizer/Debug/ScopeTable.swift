import Primitives

/// Which entries of a unit lie inside which namespaces, types and functions, so that `a::B::c` can be written.
struct ScopeTable {
    struct Scope {
        var start: Int
        var end: Int
        var parent: Int32
    }

    /// In the order of their starts; each lies inside its parent.
    private var scopes: [Scope] = []

    /// Walks the unit once. O(number of entries).
    init(_ unit: Unit, _ table: AbbreviationTable, _ sections: DebugSections) throws(DebugError) {
        do {
            try walk(unit, table, sections)
        } catch let error as ReadError {
            throw .malformed(error)
        } catch let error as DebugError {
            throw error
        } catch {
            throw .unsupported("entries")
        }
    }

    /// The offsets of the entries around the entry at `offset`, innermost first.
    func enclosing(_ offset: Int) -> [Int] {
        var low = 0
        var high = scopes.count
        while low < high {
            let middle = (low + high) / 2
            if scopes[middle].start < offset { low = middle + 1 } else { high = middle }
        }
        var index = low - 1
        while index >= 0, scopes[index].end <= offset { index = Int(scopes[index].parent) }
        var found: [Int] = []
        while index >= 0, found.count < 64 {
            found.append(scopes[index].start)
            index = Int(scopes[index].parent)
        }
        return found
    }

    private mutating func walk(_ unit: Unit, _ table: AbbreviationTable, _ sections: DebugSections) throws {
        var reader = ByteReader(sections.info.bytes.extracting(first: unit.end))
        try reader.seek(to: unit.entries)
        let steps = table.steps
        var depth = 0
        var open: [(depth: Int, index: Int32)] = []
        while !reader.isAtEnd {
            let start = reader.offset
            let code = try reader.readNumber()
            if code == 0 {
                depth -= 1
                if let last = open.last, last.depth > depth {
                    scopes[Int(last.index)].end = reader.offset
                    open.removeLast()
                }
                if depth <= 0 { break }
                continue
            }
            guard let entry = table.entry(code) else { throw DebugError.unknownAbbreviation(code) }
            let first = Int(entry.firstStep)
            for step in first..<first + Int(entry.stepCount) { try steps[step].take(&reader, unit.key) }
            guard entry.hasChildren else { continue }
            depth += 1
            guard Self.names(entry.tag) else { continue }
            let index = Int32(clamping: scopes.count)
            scopes.append(Scope(start: start, end: unit.end, parent: open.last?.index ?? -1))
            open.append((depth, index))
        }
    }

    private static func names(_ tag: UInt16) -> Bool {
        switch tag {
        case Tag.namespace, Tag.classType, Tag.structureType, Tag.unionType, Tag.interfaceType, Tag.module,
            Tag.subprogram, Tag.enumerationType:
            true
        default: false
        }
    }
}

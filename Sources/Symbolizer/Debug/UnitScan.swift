import Primitives

/// Finds, in one walk over a unit's entries, the functions and inlined calls around each of many addresses.
///
/// Nothing is kept of entries that no address lies in, so the walk needs memory for its hits only.
struct UnitScan {
    /// A function or inlined call that contains at least one of the addresses.
    struct Node {
        /// The entry that names the function.
        var function: NameResolver.Reference
        /// The node that this one is inlined into; −1 for a physical function.
        var parent: Int32
        var callFile: UInt32
        var callLine: UInt32
    }

    /// The most frames that one address has: deeper inlining is not believed.
    static let chainLimit = 1024

    private(set) var nodes: [Node] = []
    /// For each address the innermost node around it; −1 where there is none.
    private(set) var innermost: [Int32]

    private let unit: Unit
    private let code: CodeRanges
    private let resolver: ValueResolver
    private let addresses: ArraySlice<UInt64>
    private let isAlternate = false

    /// Prepares the walk of `unit` for the sorted `addresses`.
    init(_ unit: Unit, _ sections: DebugSections, _ addresses: ArraySlice<UInt64>, code: CodeRanges) {
        self.unit = unit
        self.code = code
        self.addresses = addresses
        resolver = ValueResolver(sections: sections, unit: unit)
        innermost = [Int32](repeating: -1, count: addresses.count)
    }

    /// Walks the unit. What was found before an error stays valid. O(number of entries + hits).
    mutating func run(_ table: AbbreviationTable) throws(DebugError) {
        do {
            try walk(table)
        } catch let error as ReadError {
            throw .malformed(error)
        } catch let error as DebugError {
            throw error
        } catch {
            throw .unsupported("entries")
        }
    }

    private mutating func walk(_ table: AbbreviationTable) throws {
        let info = resolver.sections.info
        var reader = ByteReader(info.bytes.extracting(first: unit.end))
        try reader.seek(to: unit.entries)
        // Out of `self`: calling it there while `self` changes would copy it each time, sections and owners included.
        let resolver = resolver
        let steps = table.steps
        let key = unit.key
        var budget = 1 << 20 + resolver.sections.byteCount / 4
        var depth = 0
        // The hit nodes around the current entry, with the depth of their children.
        var open: [(depth: Int, node: Int32)] = []
        while !reader.isAtEnd {
            let start = reader.offset
            let abbreviationCode = try reader.readNumber()
            if abbreviationCode == 0 {
                depth -= 1
                if depth <= 0 { break }
                while let last = open.last, last.depth > depth { open.removeLast() }
                continue
            }
            guard let entry = table.entry(abbreviationCode) else {
                throw DebugError.unknownAbbreviation(abbreviationCode)
            }
            if entry.hasCode, entry.tag == Tag.subprogram || (entry.tag == Tag.inlinedSubroutine && !open.isEmpty) {
                let parent = entry.tag == Tag.subprogram ? -1 : open.last?.node ?? -1
                let node = try visit(entry, table, resolver, at: start, parent: parent, &reader, &budget)
                if entry.hasChildren {
                    depth += 1
                    if let node {
                        // Together with the innermost, as many as one address may have frames.
                        guard open.count < Self.chainLimit - 1 else {
                            throw DebugError.limitExceeded("nested inlined calls")
                        }
                        open.append((depth, node))
                    }
                }
                continue
            }
            if entry.hasChildren, !entry.canContainCode, entry.hasSibling,
                try jump(entry, table, from: start, &reader)
            {
                continue
            }
            let first = Int(entry.firstStep)
            for step in first..<first &+ Int(entry.stepCount) { try steps[step].take(&reader, key) }
            if entry.hasChildren { depth += 1 }
        }
    }

    /// Reads a function or an inlined call; its node if any address lies in it.
    @_lifetime(reader: copy reader)
    private mutating func visit(
        _ entry: Abbreviation, _ table: AbbreviationTable, _ resolver: ValueResolver, at start: Int, parent: Int32,
        _ reader: inout ByteReader, _ budget: inout Int
    ) throws -> Int32? {
        var low: UInt64?
        var high: AttributeValue?
        var ranges: AttributeValue?
        var origin: NameResolver.Reference?
        var callFile: UInt64 = 0
        var callLine: UInt64 = 0
        let first = Int(entry.firstAttribute)
        for index in first..<first + Int(entry.attributeCount) {
            let specification = table.attributes[index]
            switch specification.name {
            case Attribute.lowPC:
                low = resolver.address(try AttributeValue.read(specification, unit.key, &reader))
            case Attribute.highPC: high = try AttributeValue.read(specification, unit.key, &reader)
            case Attribute.ranges: ranges = try AttributeValue.read(specification, unit.key, &reader)
            case Attribute.abstractOrigin where entry.tag == Tag.inlinedSubroutine:
                let value = try AttributeValue.read(specification, unit.key, &reader)
                origin = NameResolver.reference(value, in: unit, isAlternate: isAlternate)
            case Attribute.callFile:
                callFile = try AttributeValue.read(specification, unit.key, &reader).number ?? 0
            case Attribute.callLine:
                callLine = try AttributeValue.read(specification, unit.key, &reader).number ?? 0
            default: try specification.skip(unit.key, &reader)
            }
        }
        // Made first: a damaged range list may end in an error after addresses were assigned already.
        let node = Int32(clamping: nodes.count)
        nodes.append(
            Node(
                function: origin ?? .init(isAlternate: isAlternate, offset: UInt64(start)), parent: parent,
                callFile: UInt32(clamping: callFile), callLine: UInt32(clamping: callLine)))
        var isHit = false
        try resolver.forEachRange(low: low, high: high, ranges: ranges, budget: &budget) { range in
            var index = addresses.firstIndex(notBelow: range.lowerBound)
            guard index < addresses.endIndex, addresses[index] < range.upperBound,
                code.contains(range.lowerBound)
            else { return }
            isHit = true
            while index < addresses.endIndex, addresses[index] < range.upperBound {
                innermost[index - addresses.startIndex] = node
                index += 1
            }
        }
        guard isHit else {
            nodes.removeLast()
            return nil
        }
        return node
    }

    /// Moves behind an entry's children by its `DW_AT_sibling`; false, with `reader` unmoved, if that leads nowhere.
    @_lifetime(reader: copy reader)
    private func jump(
        _ entry: Abbreviation, _ table: AbbreviationTable, from start: Int, _ reader: inout ByteReader
    ) throws -> Bool {
        let before = reader.offset
        let first = Int(entry.firstAttribute)
        for index in first..<first + Int(entry.attributeCount) {
            let specification = table.attributes[index]
            guard specification.name == Attribute.sibling else {
                try specification.skip(unit.key, &reader)
                continue
            }
            let value = try AttributeValue.read(specification, unit.key, &reader)
            if let target = NameResolver.reference(value, in: unit, isAlternate: false)?.offset,
                target > UInt64(reader.offset), target < UInt64(unit.end)
            {
                try reader.seek(to: target)
                return true
            }
            break
        }
        try reader.seek(to: before)
        return false
    }
}

import Primitives

/// What one attribute of an abbreviation is called and how it is stored.
struct AttributeSpecification {
    var name: UInt16
    var form: UInt16
    /// The bytes that a value takes in an entry; −1 where each value has its own size.
    var byteCount: Int16 = -1
    /// The value itself, for `DW_FORM_implicit_const`.
    var constant: Int64

    /// Moves `reader` behind a value.
    @inline(__always)
    @_lifetime(reader: copy reader)
    func skip(_ key: AbbreviationTable.Key, _ reader: inout ByteReader) throws(DebugError) {
        guard byteCount >= 0 else { return try SkipStep.skip(form: form, key, &reader) }
        do throws(ReadError) {
            try reader.skip(Int(byteCount))
        } catch {
            throw .malformed(error)
        }
    }
}

/// The shape of one kind of debugging information entry.
struct Abbreviation {
    var tag: UInt16
    var hasChildren: Bool
    /// Whether the entry can say which code belongs to it (`DW_AT_low_pc`, `DW_AT_ranges`).
    var hasCode: Bool
    /// Whether its children can be jumped over (`DW_AT_sibling`).
    var hasSibling: Bool
    /// Whether code can be described below it; nobody needs to look into, say, an enumeration.
    var canContainCode: Bool
    /// Positions in the table's `attributes`.
    var firstAttribute: Int32
    var attributeCount: Int32
    /// Positions in the table's `steps`.
    var firstStep: Int32
    var stepCount: Int32
}

/// One table of .debug_abbrev, prepared so that entries nobody asked for are skipped in very few steps.
///
/// The size of some forms depends on the unit, so a table is made for an offset *and* those sizes.
final class AbbreviationTable: Sendable {
    /// What the sizes of forms depend on.
    struct Key: Hashable {
        var offset: UInt64
        var offsetSize: UInt8
        var addressSize: UInt8
        var referenceSize: UInt8
    }

    let attributes: [AttributeSpecification]
    let steps: [SkipStep]
    /// By code − 1 while codes are dense, which compilers make them.
    private let dense: [Abbreviation]
    private let sparse: [UInt64: Abbreviation]

    /// Reads the table at `key.offset` of .debug_abbrev, and no further than to `lastCode`. O(size of the table).
    init(_ section: SectionBytes, _ key: Key, upTo lastCode: UInt64? = nil) throws(DebugError) {
        do {
            var reader = try ByteReader(section.bytes, at: key.offset)
            var dense: [Abbreviation] = []
            var sparse: [UInt64: Abbreviation] = [:]
            var attributes: [AttributeSpecification] = []
            var steps: [SkipStep] = []
            while !reader.isAtEnd {
                let code = try reader.readNumber()
                if code == 0 { break }
                let tag = UInt16(truncatingIfNeeded: try reader.readNumber())
                var entry = Abbreviation(
                    tag: tag, hasChildren: try reader.read(UInt8.self) != 0, hasCode: false, hasSibling: false,
                    canContainCode: !Self.neverContainsCode(tag), firstAttribute: Int32(clamping: attributes.count),
                    attributeCount: 0, firstStep: Int32(clamping: steps.count), stepCount: 0)
                while true {
                    let name = try reader.readNumber()
                    let form = try reader.readNumber()
                    let constant = form == UInt64(Form.implicitConst) ? try reader.readSLEB128() : 0
                    if name == 0, form == 0 { break }
                    let shortForm = UInt16(truncatingIfNeeded: form)
                    let shortName = UInt16(truncatingIfNeeded: name)
                    let byteCount = SkipStep.fixedSize(of: shortForm, key).map(Int16.init) ?? -1
                    attributes.append(
                        .init(name: shortName, form: shortForm, byteCount: byteCount, constant: constant))
                    if shortName == Attribute.lowPC || shortName == Attribute.ranges { entry.hasCode = true }
                    if shortName == Attribute.sibling { entry.hasSibling = true }
                    SkipStep.append(form: shortForm, key, to: &steps, from: Int(entry.firstStep))
                }
                guard attributes.count < 1 << 24 else { throw DebugError.limitExceeded("abbreviations") }
                entry.attributeCount = Int32(attributes.count) - entry.firstAttribute
                entry.stepCount = Int32(steps.count) - entry.firstStep
                if code == UInt64(dense.count) + 1 { dense.append(entry) } else { sparse[code] = entry }
                if code == lastCode { break }
            }
            self.dense = dense
            self.sparse = sparse
            self.attributes = attributes
            self.steps = steps
        } catch let error as ReadError {
            throw .malformed(error)
        } catch let error as DebugError {
            throw error
        } catch {
            throw .unsupported("abbreviation table")
        }
    }

    /// The abbreviation with `code`; nil if the table does not define it.
    @inline(__always)
    func entry(_ code: UInt64) -> Abbreviation? {
        let index = code &- 1
        if index < UInt64(dense.count) { return dense[Int(truncatingIfNeeded: index)] }
        return sparse[code]
    }

    private static func neverContainsCode(_ tag: UInt16) -> Bool {
        switch tag {
        case Tag.arrayType, Tag.enumerationType, Tag.subroutineType, Tag.callSite, Tag.gnuCallSite,
            Tag.gnuFormalParameterPack, Tag.gnuTemplateParameterPack:
            true
        default: false
        }
    }
}

/// One unit of .debug_info: its header and what its first entry says (DWARF 5, sections 3.1 and 7.5.1).
struct Unit {
    /// Where the header starts, in bytes from the start of .debug_info.
    var offset: Int
    /// Where the first entry starts.
    var entries: Int
    /// Where the next unit starts.
    var end: Int
    var version: UInt16
    var kind: UInt8
    /// Table and sizes for reading this unit's entries.
    var key: AbbreviationTable.Key

    var language: UInt16 = 0
    var lowPC: UInt64?
    var highPC: AttributeValue?
    var ranges: AttributeValue?
    var lineOffset: UInt64?
    var name = StringReference.none
    var compilationDirectory = StringReference.none
    var splitName = StringReference.none
    /// What joins a skeleton unit with its split unit.
    var splitID: UInt64?

    var stringOffsetsBase: UInt64
    var addressBase: UInt64
    var rangeListsBase: UInt64
    /// Added to `DW_AT_ranges` of a split unit of DWARF 4 (`DW_AT_GNU_ranges_base`).
    var rangesBase: UInt64 = 0

    /// Whether the code is described in another file (a .dwo or .dwp).
    var isSkeleton: Bool { splitName.place != .none && kind != UnitKind.splitCompile }
}

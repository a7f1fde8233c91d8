public import Primitives

/// One function of a Go program as the program's own tables describe it (`struct _func` in Go's `src/runtime/runtime2.go`).
public struct GoFunction: Hashable, Sendable {
    /// Where its code is.
    public let range: Range<FileAddress>
    /// Nothing calls it: a stack ends there (`funcFlag_TOPFRAME`, since Go 1.17).
    public internal(set) var isOutermost = false
    /// It changes the stack pointer by other means than adding, which its table of stack depths cannot say
    /// (`funcFlag_SPWRITE`, since Go 1.17).
    public internal(set) var switchesStack = false
    /// The line of its declaration (since Go 1.20); 0 if unknown.
    public internal(set) var startLine = 0

    /// Offsets in the table of programs; 0 for none.
    var stackProgram: UInt32 = 0
    var fileProgram: UInt32 = 0
    var lineProgram: UInt32 = 0
    var name: UInt32 = 0
    /// The first of the unit's entries in the table of files.
    var unit: UInt32 = 0
    /// The program that says which inlined call an address belongs to.
    var inlineProgram: UInt32 = 0
    /// Where in the runtime's function data those calls are listed.
    var inlineTree: UInt32 = .max

    init(range: Range<FileAddress>) {
        self.range = range
    }

    /// Reads what follows the entry address.
    mutating func read(_ reader: inout ByteReader, version: GoTableLayout.Version) throws(ReadError) {
        name = try reader.read()
        // The size of the arguments, and where deferred calls return to.
        try reader.skip(8)
        stackProgram = try reader.read()
        fileProgram = try reader.read()
        lineProgram = try reader.read()
        let programCount: UInt32 = try reader.read()
        guard version != .go1_2 else { return }
        unit = try reader.read()
        if version == .go1_20 { startLine = Int(max(0, try reader.read(Int32.self))) }
        // Names of special functions, whose numbers change with releases.
        try reader.skip(1)
        // Go 1.16 has zeroes here.
        let flags: UInt8 = try reader.read()
        isOutermost = flags & 1 != 0
        switchesStack = flags & 2 != 0
        guard version.hasRelativeEntries else { return }
        try reader.skip(1)
        let dataCount: UInt8 = try reader.read()
        // PCDATA_InlTreeIndex and FUNCDATA_InlTree of Go's `src/internal/abi/symtab.go`.
        guard programCount > 2, programCount < 1 << 16, dataCount > 3 else { return }
        try reader.skip(8)
        inlineProgram = try reader.read()
        try reader.skip(4 &* (Int(programCount) &- 3) &+ 12)
        inlineTree = try reader.read()
    }
}

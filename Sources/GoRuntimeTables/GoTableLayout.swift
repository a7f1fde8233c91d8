import Primitives

/// Where the parts of a `.gopclntab` are, by its header (`struct pcHeader` in Go's `src/runtime/symtab.go`).
struct GoTableLayout: Sendable {
    /// The releases after which the format changed.
    enum Version: Sendable {
        case go1_2, go1_16, go1_18, go1_20

        init?(magic: UInt32) {
            switch magic {
            case 0xffff_fffb: self = .go1_2
            case 0xffff_fffa: self = .go1_16
            case 0xffff_fff0: self = .go1_18
            case 0xffff_fff1: self = .go1_20
            default: return nil
            }
        }

        /// Whether functions are named by offsets of four bytes from the start of the code.
        var hasRelativeEntries: Bool { self == .go1_18 || self == .go1_20 }
    }

    /// Where the header says the code starts, if it does.
    static let textStartOffset = 24

    let version: Version
    /// The unit of code distances: the size of the smallest instruction.
    let quantum: UInt64
    /// The number of functions.
    let count: Int
    /// What function entries are relative to; 0 in the formats with absolute ones.
    let textStart: UInt64
    /// Offsets of the parts from the start of the table.
    let names: UInt64
    let units: UInt64
    let files: UInt64
    let programs: UInt64
    let functions: UInt64
    /// Where the sorted list of functions begins.
    let index: UInt64
    /// The bytes of one element of an entry of that list, which has two.
    let fieldSize: Int

    /// Nil unless the bytes begin with the header of a known format, for 64 bits and little-endian, whose list of
    /// functions lies within them.
    init?(_ bytes: RawSpan, textStart: UInt64?) {
        var reader = ByteReader(bytes)
        do {
            guard let version = Version(magic: try reader.read()), try reader.read(UInt16.self) == 0 else { return nil }
            let quantum: UInt8 = try reader.read()
            guard quantum == 1 || quantum == 2 || quantum == 4, try reader.read(UInt8.self) == 8 else { return nil }
            self.version = version
            self.quantum = UInt64(quantum)
            let count: UInt64 = try reader.read()
            fieldSize = version.hasRelativeEntries ? 4 : 8
            if version == .go1_2 {
                (self.textStart, names, units, programs, functions) = (0, 0, 0, 0, 0)
                index = 16
                let (end, overflow) = count.multipliedReportingOverflow(by: 16)
                guard !overflow else { return nil }
                try reader.seek(to: end &+ 24)
                files = UInt64(try reader.read(UInt32.self))
            } else {
                // The number of files.
                try reader.skip(8)
                let start: UInt64 = version.hasRelativeEntries ? try reader.read() : 0
                self.textStart = version.hasRelativeEntries ? textStart ?? start : 0
                names = try reader.read()
                units = try reader.read()
                files = try reader.read()
                programs = try reader.read()
                functions = try reader.read()
                index = functions
                guard max(names, units, files, programs, functions) <= UInt64(bytes.byteCount) else { return nil }
            }
            // The list ends with the end of the last function.
            guard index <= UInt64(bytes.byteCount), count > 0, count < 1 << 28,
                count &* 2 &+ 1 <= (UInt64(bytes.byteCount) &- index) / UInt64(fieldSize)
            else { return nil }
            self.count = Int(count)
        } catch {
            return nil
        }
    }
}

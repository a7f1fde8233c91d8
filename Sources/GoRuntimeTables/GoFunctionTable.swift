public import Primitives

/// Functions, source lines and stack depths of a Go program, from the tables that its runtime needs to print stacks and
/// that stripping therefore leaves: `.gopclntab`.
///
/// Holds the layout only; each question takes the bytes that the table was made of and reads just what it needs. Reads
/// the formats of Go 1.2, 1.16, 1.18 and 1.20 for 64 bits and little-endian. Bytes of any kind give answers or nil,
/// never a trap; the work of one answer is bounded.
/// Sources: Go's `src/debug/gosym/pclntab.go` and `src/runtime/symtab.go`; "Go 1.2 Runtime Symbol Information".
public struct GoFunctionTable: Sendable {
    let layout: GoTableLayout

    /// The names that the table's section has, the second in position-independent executables.
    public static let sectionNames = [".gopclntab", ".data.rel.ro.gopclntab"]
    /// The section that the table is somewhere in when a linker has joined sections.
    public static let joinedSectionName = ".data.rel.ro"

    /// The table in `bytes`; nil if they do not begin with one.
    ///
    /// `textStart`: where the code starts, when a relocation says so and not the bytes (`textStartPosition`).
    public init?(_ bytes: RawSpan, textStart: FileAddress? = nil) {
        guard let layout = GoTableLayout(bytes, textStart: textStart?.value) else { return nil }
        self.layout = layout
    }

    /// The number of functions.
    public var count: Int { layout.count }

    /// Whether the bytes miss the start of the code, which is then in a relocation of the eight bytes at
    /// `textStartPosition`.
    public var needsTextStart: Bool { layout.version.hasRelativeEntries && layout.textStart == 0 }
    /// Where in the table the start of the code is.
    public static let textStartPosition = UInt64(GoTableLayout.textStartOffset)

    /// Where in `bytes`, a section that linkers joined, the table begins. O(n).
    public static func position(in bytes: RawSpan) -> Int? {
        var position = 0
        // Go's linker aligns the table to 32 bytes.
        while position &+ 16 <= bytes.byteCount {
            let rest = bytes.extracting(position..<bytes.byteCount)
            if let table = GoFunctionTable(rest), table.isPlausible(rest) { return position }
            position &+= 32
        }
        return nil
    }

    /// The function around `address`. O(log n).
    public func function(at address: FileAddress, in bytes: RawSpan) -> GoFunction? {
        guard let (range, record) = place(of: address, in: bytes) else { return nil }
        var function = GoFunction(range: range)
        var reader = ByteReader(bytes)
        do {
            try reader.seek(to: record)
            // The entry address, again.
            try reader.skip(layout.fieldSize)
            try function.read(&reader, version: layout.version)
        } catch {
            return nil
        }
        return function
    }

    /// The code of the function around `address`, and where in the table its record is.
    func place(of address: FileAddress, in bytes: RawSpan) -> (code: Range<FileAddress>, record: UInt64)? {
        guard address.value >= layout.textStart else { return nil }
        let target = address.value &- layout.textStart
        var low = 0
        var high = layout.count
        while low < high {
            let middle = (low &+ high) / 2
            guard let start = field(2 &* middle, in: bytes) else { return nil }
            if start <= target { low = middle &+ 1 } else { high = middle }
        }
        guard low > 0, let start = field(2 &* (low &- 1), in: bytes), let offset = field(2 &* low &- 1, in: bytes),
            let end = field(2 &* low, in: bytes), target >= start, target < end,
            end <= UInt64.max &- layout.textStart, offset <= UInt64(bytes.byteCount)
        else { return nil }
        return (
            FileAddress(start &+ layout.textStart)..<FileAddress(end &+ layout.textStart),
            layout.functions &+ offset
        )
    }

    /// The function's full name: `net/http.(*Server).Serve`, say.
    public func name(of function: GoFunction, in bytes: RawSpan) -> String? {
        guard function.name != 0 || layout.version != .go1_2 else { return nil }
        return string(at: layout.names &+ UInt64(function.name), in: bytes)
    }

    /// How far the stack pointer at `address` is below where it was when `function` was entered; nil if unknown.
    ///
    /// On x86-64 the return address lies that many bytes above the stack pointer.
    public func stackDepth(of function: GoFunction, at address: FileAddress, in bytes: RawSpan) -> Int? {
        guard let depth = value(function.stackProgram, of: function, at: address, stepLimit: 1 << 16, in: bytes),
            depth >= 0
        else { return nil }
        return Int(depth)
    }

    /// The source line of the instruction at `address`; nil if unknown.
    ///
    /// Of inlined code it is the line in the inlined function.
    public func line(of function: GoFunction, at address: FileAddress, in bytes: RawSpan) -> (file: String, line: Int)?
    {
        guard
            let number = value(function.fileProgram, of: function, at: address, stepLimit: 1 << 20, in: bytes),
            number >= 0, let file = file(UInt64(number), of: function, in: bytes), !file.isEmpty
        else { return nil }
        let line = value(function.lineProgram, of: function, at: address, stepLimit: 1 << 20, in: bytes) ?? 0
        return (file, Int(max(0, line)))
    }

    /// Chance can make a header in other data, but hardly the list of functions behind it.
    private func isPlausible(_ bytes: RawSpan) -> Bool {
        var last: UInt64 = 0
        for index in 0..<min(count, 16) {
            guard let start = field(2 &* index, in: bytes), start >= last,
                let offset = field(2 &* index &+ 1, in: bytes), offset < UInt64(bytes.byteCount)
            else { return false }
            last = start
        }
        return true
    }

    /// The number at `position` of the list of functions: entries and offsets in turn.
    private func field(_ position: Int, in bytes: RawSpan) -> UInt64? {
        var reader = ByteReader(bytes)
        do {
            try reader.seek(to: layout.index &+ UInt64(position &* layout.fieldSize))
            return layout.fieldSize == 4 ? UInt64(try reader.read(UInt32.self)) : try reader.read()
        } catch {
            return nil
        }
    }

    private func file(_ number: UInt64, of function: GoFunction, in bytes: RawSpan) -> String? {
        var reader = ByteReader(bytes)
        do {
            if layout.version == .go1_2 {
                try reader.seek(to: layout.files)
                guard number > 0, number < UInt64(try reader.read(UInt32.self)) else { return nil }
                try reader.seek(to: layout.files &+ number &* 4)
                return string(at: UInt64(try reader.read(UInt32.self)), in: bytes)
            }
            try reader.seek(to: layout.units &+ (UInt64(function.unit) &+ number) &* 4)
            let offset: UInt32 = try reader.read()
            return offset == .max ? nil : string(at: layout.files &+ UInt64(offset), in: bytes)
        } catch {
            return nil
        }
    }

    /// What the program at `offset` says for `address`: pairs of a change of the value and the distance of code for
    /// which it holds.
    func value(
        _ offset: UInt32, of function: GoFunction, at address: FileAddress, stepLimit: Int, in bytes: RawSpan
    ) -> Int32? {
        guard offset != 0 else { return nil }
        var reader = ByteReader(bytes)
        var value: Int32 = -1
        var end = function.range.lowerBound.value
        do {
            try reader.seek(to: layout.programs &+ UInt64(offset))
            for step in 0..<stepLimit {
                let change = UInt32(truncatingIfNeeded: try reader.readULEB128())
                if change == 0, step > 0 { return nil }
                let distance = UInt64(UInt32(truncatingIfNeeded: try reader.readULEB128()))
                value &+= Int32(bitPattern: change & 1 != 0 ? ~(change >> 1) : change >> 1)
                let (next, overflow) = end.addingReportingOverflow(distance &* layout.quantum)
                guard !overflow else { return nil }
                end = next
                if address.value < end { return value }
            }
            return nil
        } catch {
            return nil
        }
    }

    func string(at offset: UInt64, in bytes: RawSpan) -> String? {
        var reader = ByteReader(bytes)
        do {
            try reader.seek(to: offset)
            let range = try reader.readStringRange()
            // No name is longer; a hostile one would be copied again and again.
            return String(decodingBytes: bytes.extracting(range.prefix(1 << 16)))
        } catch {
            return nil
        }
    }
}

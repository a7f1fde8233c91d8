public import Primitives

/// Where in a table the answers are, for those who do not hold all of its bytes.
extension GoFunctionTable {
    /// How many of its first bytes it takes to make a table, by `start`, its first 16 bytes or more.
    public static func neededByteCount(_ start: RawSpan) -> UInt64 {
        let header: UInt64 = 128
        var reader = ByteReader(start)
        guard let magic = try? reader.read(UInt32.self), GoTableLayout.Version(magic: magic) == .go1_2,
            (try? reader.seek(to: 8)) != nil, let count = try? reader.read(UInt64.self)
        else { return header }
        // The oldest format says behind its list of functions where the files are.
        let (bytes, overflow) = count.multipliedReportingOverflow(by: 16)
        return overflow ? .max : max(header, bytes.addingReportingOverflow(64).partialValue)
    }

    /// The list of functions, which every look-up searches.
    public var listPlace: Range<UInt64> {
        // Checked to lie within the table when it was made.
        layout.index..<layout.index &+ UInt64((2 &* count &+ 1) &* layout.fieldSize)
    }

    /// The record of the function around `address`; takes the list of functions only.
    public func recordPlace(at address: FileAddress, in bytes: RawSpan) -> Range<UInt64>? {
        place(of: address, in: bytes).map { Self.range(from: $0.record, 512) }
    }

    /// The name of `function`.
    public func namePlace(of function: GoFunction) -> Range<UInt64> {
        Self.range(from: layout.names &+ UInt64(function.name), 512)
    }

    /// The first `byteCount` bytes of what says how deep the stack of `function` is.
    public func stackProgramPlace(of function: GoFunction, byteCount: UInt64) -> Range<UInt64> {
        Self.range(from: layout.programs &+ UInt64(function.stackProgram), byteCount)
    }

    private static func range(from start: UInt64, _ count: UInt64) -> Range<UInt64> {
        start..<max(start, start &+ count)
    }
}

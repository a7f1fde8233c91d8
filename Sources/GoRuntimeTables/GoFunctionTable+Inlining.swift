public import Primitives

/// The call that an address was inlined by.
public struct GoInlinedCall: Hashable, Sendable {
    /// The full name of the inlined function.
    public let name: String
    /// The line of its declaration (since Go 1.20); 0 if unknown.
    public let startLine: Int
    /// An address of the same physical function that stands for the call: its line is that of the call.
    public let caller: FileAddress
}

/// Inlined calls, which are in data of the runtime outside of the table (Go 1.18 and later).
extension GoFunctionTable {
    /// Where that data begins, as the runtime's `moduledata` says; nil if `data` does not hold it.
    ///
    /// `data`: the contents of a writable section. `table`: the address of this table, by which that structure is
    /// known. In position-independent executables the data is zero and relocations say what it will be. O(n).
    public func functionData(in data: RawSpan, table: FileAddress) -> FileAddress? {
        guard layout.version.hasRelativeEntries else { return nil }
        var position = 0
        while position &+ Self.functionDataOffset(layout) &+ 8 <= data.byteCount {
            if word(at: position, in: data) == table.value,
                word(at: position &+ Self.textOffset, in: data) == layout.textStart
            {
                return word(at: position &+ Self.functionDataOffset(layout), in: data).map { FileAddress($0) }
            }
            position &+= 8
        }
        return nil
    }

    /// As `functionData(in:table:)`, from the contents of a section of relocations. O(n).
    public func functionData(inRelocations relocations: RawSpan, table: FileAddress) -> FileAddress? {
        guard layout.version.hasRelativeEntries,
            let place = RelativeRelocation.place(
                of: table, in: relocations,
                where: { place in
                    let text = FileAddress(place.value &+ UInt64(Self.textOffset))
                    return RelativeRelocation.value(at: text, in: relocations)?.value == layout.textStart
                })
        else { return nil }
        return RelativeRelocation.value(
            at: FileAddress(place.value &+ UInt64(Self.functionDataOffset(layout))), in: relocations)
    }

    /// The innermost inlined call around `address`; nil if the code is of `function` itself.
    ///
    /// `data`: the bytes from `functionData` on.
    public func inlinedCall(
        of function: GoFunction, at address: FileAddress, in bytes: RawSpan, data: RawSpan
    ) -> GoInlinedCall? {
        guard function.inlineTree != .max,
            let number = value(function.inlineProgram, of: function, at: address, stepLimit: 1 << 16, in: bytes),
            number >= 0
        else { return nil }
        var reader = ByteReader(data)
        do {
            // `inlinedCall` of Go's `src/runtime/symtab.go`, which shrank in 1.20.
            let isShort = layout.version == .go1_20
            try reader.seek(to: UInt64(function.inlineTree) &+ UInt64(number) &* (isShort ? 16 : 20))
            try reader.skip(isShort ? 4 : 12)
            let name: UInt32 = try reader.read()
            let offset: UInt32 = try reader.read()
            let startLine = isShort ? Int(max(0, try reader.read(Int32.self))) : 0
            let caller = FileAddress(function.range.lowerBound.value &+ UInt64(offset))
            guard function.range.contains(caller), let text = string(at: layout.names &+ UInt64(name), in: bytes),
                !text.isEmpty
            else { return nil }
            return GoInlinedCall(name: text, startLine: startLine, caller: caller)
        } catch {
            return nil
        }
    }

    /// `moduledata.text`, behind the header's address, six slices and three words.
    private static let textOffset = 8 + 6 * 24 + 3 * 8

    /// `moduledata.gofunc`; Go 1.20 put two words before it.
    private static func functionDataOffset(_ layout: GoTableLayout) -> Int {
        layout.version == .go1_20 ? 320 : 304
    }

    private func word(at offset: Int, in data: RawSpan) -> UInt64? {
        var reader = ByteReader(data)
        guard (try? reader.seek(to: offset)) != nil else { return nil }
        return try? reader.read(UInt64.self)
    }
}

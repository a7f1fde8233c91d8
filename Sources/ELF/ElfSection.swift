public import Primitives

/// One entry of the section header table (ELF-64 object file format, "Sections").
public struct ElfSection: Hashable, Sendable {
    /// The name, from the section name table.
    public internal(set) var name: String
    /// `sh_type`: 1 PROGBITS, 2 SYMTAB, 3 STRTAB, 4 RELA, 7 NOTE, 8 NOBITS, 11 DYNSYM.
    public let type: UInt32
    /// `sh_flags`.
    public let flags: UInt64
    /// Where the section is in the image's own addresses; 0 when it is not loaded.
    public let address: FileAddress
    /// Where the bytes begin in the file.
    public let offset: FileOffset
    /// The number of bytes.
    public let size: UInt64
    /// `sh_link`: for a symbol table, the index of its string table.
    public let link: UInt32
    let nameOffset: UInt32

    /// SHF_COMPRESSED: the bytes are a compression header and a compressed stream.
    public var isCompressed: Bool { flags & 0x800 != 0 }
    /// SHT_NOBITS: no bytes in this file (`.bss`, or a section that moved to a debug file).
    public var hasNoBytes: Bool { type == 8 }

    init(_ reader: inout ByteReader) throws(ReadError) {
        name = ""
        nameOffset = try reader.read()
        type = try reader.read()
        flags = try reader.read()
        address = FileAddress(try reader.read())
        offset = FileOffset(try reader.read())
        size = try reader.read()
        link = try reader.read()
        try reader.skip(4 + 8 + 8)
    }

    /// Whether `address` lies in this section as it is loaded.
    public func contains(_ address: FileAddress) -> Bool {
        self.address.value != 0 && address >= self.address && address.value &- self.address.value < size
    }
}

public import Primitives

/// One entry of the program header table (ELF-64 object file format, "Program headers").
public struct ElfSegment: Hashable, Sendable {
    /// `p_type`: 1 is PT_LOAD, 4 PT_NOTE, 0x6474e550 PT_GNU_EH_FRAME.
    public let type: UInt32
    /// `p_flags`: 1 execute, 2 write, 4 read.
    public let flags: UInt32
    /// Where the bytes begin in the file.
    public let offset: FileOffset
    /// The number of bytes in the file.
    public let fileSize: UInt64
    /// Where the segment begins in the image's own addresses.
    public let address: FileAddress
    /// The number of bytes in memory, at least `fileSize` in a sound file.
    public let memorySize: UInt64

    /// PT_LOAD.
    public var isLoad: Bool { type == 1 }
    /// PT_NOTE.
    public var isNote: Bool { type == 4 }
    /// PT_GNU_EH_FRAME: the segment that is `.eh_frame_hdr`.
    public var isFrameHeader: Bool { type == 0x6474_e550 }
    /// PF_X.
    public var isExecutable: Bool { flags & 1 != 0 }

    init(_ reader: inout ByteReader) throws(ReadError) {
        type = try reader.read()
        flags = try reader.read()
        offset = FileOffset(try reader.read())
        address = FileAddress(try reader.read())
        try reader.skip(8)
        fileSize = try reader.read()
        memorySize = try reader.read()
        try reader.skip(8)
    }

    /// Where `address` of the image is in the file; nil outside the bytes that the file holds.
    public func fileOffset(for address: FileAddress) -> FileOffset? {
        let distance = address.value &- self.address.value
        guard address >= self.address, distance < fileSize else { return nil }
        let (position, overflow) = offset.value.addingReportingOverflow(distance)
        return overflow ? nil : FileOffset(position)
    }
}

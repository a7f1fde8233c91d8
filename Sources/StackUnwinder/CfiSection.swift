import ELF
import Primitives

/// `.eh_frame` or `.debug_frame`, of which large programs have tens of megabytes, and how to read entries out of it. In
/// memory are those that were read lately. Belongs to one thread.
struct CfiSection {
    enum Format: Sendable {
        case ehFrame
        case debugFrame
    }

    let format: Format
    private let part: ElfPart
    /// Where the section is in the image's own addresses.
    let address: UInt64
    /// What `DW_EH_PE_datarel` is relative to: the start of `.eh_frame_hdr`.
    let dataBase: UInt64

    /// More bytes than this of one entry are not read: no compiler writes as many for a function.
    private static let entryLimit = 1 << 20
    /// When to give back what was read.
    private static let memoryLimit = 1 << 22

    init(format: Format, part: ElfPart, address: UInt64, dataBase: UInt64) {
        self.format = format
        self.part = part
        self.address = address
        self.dataBase = dataBase
    }

    /// A section that is in memory.
    init?(format: Format, bytes: [UInt8], address: UInt64, dataBase: UInt64) {
        guard let part = ElfPart(copying: bytes) else { return nil }
        self.init(format: format, part: part, address: address, dataBase: dataBase)
    }

    var byteCount: Int { part.byteCount }
    /// The bytes of it that are in memory.
    var filledByteCount: Int { part.filledByteCount }

    /// All the bytes; zeros where they are not in memory.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get { part.bytes }
    }

    /// The byte at `position`; 0 outside, and where it is not in memory.
    func byte(at position: Int) -> UInt8 {
        var reader = ByteReader(bytes)
        guard (try? reader.seek(to: position)) != nil else { return 0 }
        return (try? reader.read(UInt8.self)) ?? 0
    }

    /// Reads what is to be looked at, as far as it is in the section. Zeros in place of what cannot be read would be read as
    /// other unwind information than there is.
    func fill(_ range: Range<Int>) throws(ReadError) {
        let end = min(range.upperBound, range.lowerBound &+ Self.entryLimit)
        guard range.lowerBound >= 0, end > range.lowerBound else { return }
        guard part.fill(UInt64(range.lowerBound)..<UInt64(end)) else { throw .outOfBounds }
    }

    /// Gives back what was read, if that is much. Nothing that was read before is valid then.
    func trim() {
        if part.filledByteCount > Self.memoryLimit { part.empty() }
    }

    /// One entry as it lies in the section.
    struct Entry {
        /// Offset of the entry behind this one.
        var next: Int
        /// For an FDE the offset of its CIE; nil for a CIE.
        var common: Int?
        /// The bytes behind the length and the CIE pointer.
        var body: Range<Int>
        var is64Bit: Bool
    }

    /// The entry at `offset`; nil at the terminator.
    func entry(at offset: Int) throws(ReadError) -> Entry? {
        guard offset >= 0, offset <= byteCount else { throw .outOfBounds }
        try fill(offset..<offset &+ 24)
        var reader = ByteReader(bytes)
        try reader.seek(to: offset)
        let shortLength = try reader.read(UInt32.self)
        if shortLength == 0 { return nil }
        let is64Bit = shortLength == 0xffff_ffff
        let length = is64Bit ? try reader.read(UInt64.self) : UInt64(shortLength)
        let start = reader.offset
        guard length <= UInt64(reader.remaining) else { throw .outOfBounds }
        let end = start + Int(length)
        // .eh_frame keeps the CIE pointer at four bytes even when the length has eight.
        let wide = is64Bit && format == .debugFrame
        let pointerPosition = reader.offset
        let pointer = wide ? try reader.read(UInt64.self) : UInt64(try reader.read(UInt32.self))
        guard reader.offset <= end else { throw .outOfBounds }
        let body = reader.offset..<end
        switch format {
        case .ehFrame:
            if pointer == 0 { return Entry(next: end, common: nil, body: body, is64Bit: is64Bit) }
            guard pointer <= UInt64(pointerPosition) else { throw .outOfBounds }
            return Entry(next: end, common: pointerPosition - Int(pointer), body: body, is64Bit: is64Bit)
        case .debugFrame:
            if pointer == (wide ? UInt64.max : 0xffff_ffff) {
                return Entry(next: end, common: nil, body: body, is64Bit: is64Bit)
            }
            guard pointer < UInt64(byteCount) else { throw .outOfBounds }
            return Entry(next: end, common: Int(pointer), body: body, is64Bit: is64Bit)
        }
    }

    /// The CIE at `offset`.
    func commonInformation(at offset: Int) throws(ReadError) -> CommonInformation {
        guard let entry = try entry(at: offset), entry.common == nil else { throw .outOfBounds }
        try fill(entry.body)
        var reader = ByteReader(bytes.extracting(first: entry.body.upperBound))
        try reader.seek(to: entry.body.lowerBound)
        var result = CommonInformation()
        let version = try reader.read(UInt8.self)
        guard version == 1 || version == 3 || version == 4 else { throw .outOfBounds }
        let augmentation = try reader.readStringRange()
        if version == 4 {
            guard try reader.read(UInt8.self) == 8, try reader.read(UInt8.self) == 0 else { throw .outOfBounds }
        }
        // "eh" is GCC 2's, with a pointer before the rest.
        if augmentation.count == 2, byte(at: augmentation.lowerBound) == 0x65 { try reader.skip(8) }
        result.codeAlignment = try reader.readULEB128()
        result.dataAlignment = try reader.readSLEB128()
        let register = version == 1 ? UInt64(try reader.read(UInt8.self)) : try reader.readULEB128()
        result.returnRegister = Int(min(register, 0xffff))
        if !augmentation.isEmpty, byte(at: augmentation.lowerBound) == 0x7a {
            let size = try reader.readULEB128()
            guard size <= UInt64(reader.remaining) else { throw .outOfBounds }
            let end = reader.offset + Int(size)
            result.hasAugmentationData = true
            letters: for position in augmentation.dropFirst() {
                switch byte(at: position) {
                case 0x52: result.pointerEncoding = try reader.read()  // R
                case 0x53: result.isSignalFrame = true  // S
                case 0x4c: try reader.skip(1)  // L
                case 0x50:  // P
                    let encoding = try reader.read(UInt8.self)
                    _ = try readPointer(&reader, encoding: encoding & 0x7f)
                case 0x42, 0x47: break  // B: return addresses signed with key B; G: memory tagging. Both without data.
                default: break letters
                }
            }
            try reader.seek(to: end)
        }
        result.instructions = reader.offset..<entry.body.upperBound
        return result
    }

    /// The FDE at `offset`.
    func frameDescription(at offset: Int) throws(ReadError) -> FrameDescription {
        guard let entry = try entry(at: offset), let commonOffset = entry.common else { throw .outOfBounds }
        let common = try commonInformation(at: commonOffset)
        try fill(entry.body)
        var reader = ByteReader(bytes.extracting(first: entry.body.upperBound))
        try reader.seek(to: entry.body.lowerBound)
        let start = try readPointer(&reader, encoding: common.pointerEncoding)
        // The length has the form of the address, but is not relative to anything.
        let size = try readPointer(&reader, encoding: common.pointerEncoding & 0x0f)
        let (end, overflow) = start.addingReportingOverflow(size)
        guard !overflow else { throw .outOfBounds }
        if common.hasAugmentationData {
            let count = try reader.readULEB128()
            guard count <= UInt64(reader.remaining) else { throw .outOfBounds }
            try reader.skip(Int(count))
        }
        return FrameDescription(
            common: common, range: start..<end, instructions: reader.offset..<entry.body.upperBound)
    }

    /// A pointer in one of the forms of the LSB, "DWARF exception header encoding".
    @_lifetime(reader: copy reader)
    func readPointer(_ reader: inout ByteReader, encoding: UInt8) throws(ReadError) -> UInt64 {
        try Self.readPointer(&reader, encoding: encoding, address: address, dataBase: dataBase)
    }

    /// The same in a section at `address`.
    @_lifetime(reader: copy reader)
    static func readPointer(
        _ reader: inout ByteReader, encoding: UInt8, address: UInt64, dataBase: UInt64
    ) throws(ReadError) -> UInt64 {
        let position = UInt64(reader.offset)
        guard encoding != 0xff else { return 0 }
        let raw: UInt64
        switch encoding & 0x0f {
        case 0x0, 0x4, 0xc: raw = try reader.read()
        case 0x1: raw = try reader.readULEB128()
        case 0x2: raw = UInt64(try reader.read(UInt16.self))
        case 0x3: raw = UInt64(try reader.read(UInt32.self))
        case 0x9: raw = UInt64(bitPattern: try reader.readSLEB128())
        case 0xa: raw = UInt64(bitPattern: Int64(try reader.read(Int16.self)))
        case 0xb: raw = UInt64(bitPattern: Int64(try reader.read(Int32.self)))
        default: throw .outOfBounds
        }
        switch encoding & 0x70 {
        case 0x00: return raw
        case 0x10: return raw &+ address &+ position
        case 0x30: return raw &+ dataBase
        default: throw .outOfBounds
        }
    }

    /// Whether four zero bytes are at `offset`.
    func isTerminator(at offset: Int) -> Bool {
        var reader = ByteReader(bytes)
        guard (try? fill(offset..<offset &+ 4)) != nil, (try? reader.seek(to: offset)) != nil,
            let word = try? reader.read(UInt32.self)
        else { return false }
        return word == 0
    }
}

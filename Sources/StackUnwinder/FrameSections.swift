import ELF
import Primitives

/// Finds the unwind information of an image.
enum FrameSections {
    /// `.eh_frame`, and the contents of `.eh_frame_hdr` if it has one.
    ///
    /// The header's pointer decides which section is meant: BOLT keeps the old one beside the new. Without section
    /// headers the segments lead there.
    static func ehFrame(of image: ElfImage, limit: Int) -> (CfiSection, [UInt8]?)? {
        guard let header = image.segments.first(where: \.isFrameHeader),
            let headerBytes = try? image.read(at: header.offset, exactly: header.fileSize, limit: limit),
            let address = framePointer(in: headerBytes, at: header.address.value)
        else {
            guard let section = image.section(named: ".eh_frame"), let bytes = try? image.read(section, limit: limit)
            else { return nil }
            return (
                CfiSection(format: .ehFrame, bytes: bytes, address: section.address.value, dataBase: 0), nil
            )
        }
        if let section = image.sections.first(where: { $0.address.value == address && $0.size > 0 && !$0.hasNoBytes }),
            let bytes = try? image.read(section, limit: limit)
        {
            return (
                CfiSection(format: .ehFrame, bytes: bytes, address: address, dataBase: header.address.value),
                headerBytes
            )
        }
        for segment in image.segments where segment.isLoad {
            guard let offset = segment.fileOffset(for: FileAddress(address)) else { continue }
            let size = segment.fileSize - (address - segment.address.value)
            guard let bytes = try? image.read(at: offset, exactly: min(size, UInt64(limit)), limit: limit) else {
                break
            }
            return (
                CfiSection(format: .ehFrame, bytes: bytes, address: address, dataBase: header.address.value),
                headerBytes
            )
        }
        return nil
    }

    /// `.debug_frame`, unless it is missing or compressed.
    static func debugFrame(of image: ElfImage, limit: Int) -> CfiSection? {
        guard let section = image.section(named: ".debug_frame"), !section.isCompressed,
            let bytes = try? image.read(section, limit: limit), !bytes.isEmpty
        else { return nil }
        return CfiSection(format: .debugFrame, bytes: bytes, address: 0, dataBase: 0)
    }

    /// Where `.eh_frame` is, by the header.
    private static func framePointer(in header: [UInt8], at address: UInt64) -> UInt64? {
        var reader = ByteReader(header.rawSpan)
        let section = CfiSection(format: .ehFrame, bytes: [], address: address, dataBase: address)
        guard let version = try? reader.read(UInt8.self), version == 1, let encoding = try? reader.read(UInt8.self),
            (try? reader.skip(2)) != nil
        else { return nil }
        return try? section.readPointer(&reader, encoding: encoding)
    }
}

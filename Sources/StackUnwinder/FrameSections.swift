import ELF
import Primitives

/// Finds the unwind information of an image.
enum FrameSections {
    /// `.eh_frame`, and the contents of `.eh_frame_hdr` if it has one.
    ///
    /// The header's pointer decides which section is meant: BOLT keeps the old one beside the new. Without section
    /// headers the segments lead there.
    static func ehFrame(of image: ElfImage, limit: Int) -> (CfiSection, ElfPart?)? {
        guard let segment = image.segments.first(where: \.isFrameHeader),
            let header = part(of: image, at: segment.offset, byteCount: segment.fileSize, limit: limit),
            let address = framePointer(in: header, at: segment.address.value)
        else {
            guard let section = image.section(named: ".eh_frame"), let part = part(of: image, section, limit: limit)
            else { return nil }
            return (CfiSection(format: .ehFrame, part: part, address: section.address.value, dataBase: 0), nil)
        }
        let dataBase = segment.address.value
        if let section = image.sections.first(where: { $0.address.value == address && $0.size > 0 && !$0.hasNoBytes }),
            let part = part(of: image, section, limit: limit)
        {
            return (CfiSection(format: .ehFrame, part: part, address: address, dataBase: dataBase), header)
        }
        for segment in image.segments where segment.isLoad {
            guard let offset = segment.fileOffset(for: FileAddress(address)) else { continue }
            let size = segment.fileSize - (address - segment.address.value)
            guard let part = part(of: image, at: offset, byteCount: min(size, UInt64(limit)), limit: limit) else {
                break
            }
            return (CfiSection(format: .ehFrame, part: part, address: address, dataBase: dataBase), header)
        }
        return nil
    }

    /// `.debug_frame`, unless it is missing or compressed.
    static func debugFrame(of image: ElfImage, limit: Int) -> CfiSection? {
        guard let section = image.section(named: ".debug_frame"), !section.isCompressed,
            let part = part(of: image, section, limit: limit)
        else { return nil }
        return CfiSection(format: .debugFrame, part: part, address: 0, dataBase: 0)
    }

    private static func part(of image: ElfImage, _ section: ElfSection, limit: Int) -> ElfPart? {
        section.hasNoBytes ? nil : part(of: image, at: section.offset, byteCount: section.size, limit: limit)
    }

    private static func part(of image: ElfImage, at offset: FileOffset, byteCount: UInt64, limit: Int) -> ElfPart? {
        byteCount > UInt64(limit) ? nil : ElfPart(of: image, from: offset, byteCount: byteCount)
    }

    /// Where `.eh_frame` is, by the header.
    private static func framePointer(in header: ElfPart, at address: UInt64) -> UInt64? {
        var reader = ByteReader(header.bytes)
        guard header.fill(0..<64), let version = try? reader.read(UInt8.self), version == 1,
            let encoding = try? reader.read(UInt8.self), (try? reader.skip(2)) != nil
        else { return nil }
        return try? CfiSection.readPointer(&reader, encoding: encoding, address: address, dataBase: address)
    }
}

import ELF
import Primitives

/// The sorted table of `.eh_frame_hdr` (LSB core, "Exception Frame Header"): pairs of a function's start and its FDE's place.
///
/// Browsers have a million. In memory are every 64th start, and of the table itself what searches have met.
struct FdeHeaderTable {
    let count: Int
    private let part: ElfPart
    /// Where the first pair is in `part`.
    private let first: Int
    /// What the numbers are relative to: where the header is in the image.
    private let dataBase: UInt64
    /// Where the section is in the image.
    private let sectionAddress: UInt64
    /// The first start of each block.
    private let blocks: [UInt64]

    private static let pairByteCount = 8
    private static let blockBits = 6
    /// While the table is read through, no more of it than this is in memory.
    private static let memoryLimit = 1 << 20

    /// Nil when it is in another form than linkers write, or not sorted.
    init?(_ header: ElfPart, section: CfiSection) {
        guard header.fill(0..<64) else { return nil }
        var reader = ByteReader(header.bytes)
        func pointer(_ reader: inout ByteReader, _ encoding: UInt8) -> UInt64? {
            // Pointers in the header are relative to it, as if it were the section.
            try? CfiSection.readPointer(
                &reader, encoding: encoding, address: section.dataBase, dataBase: section.dataBase)
        }
        guard let version = try? reader.read(UInt8.self), version == 1,
            let pointerEncoding = try? reader.read(UInt8.self), let countEncoding = try? reader.read(UInt8.self),
            let tableEncoding = try? reader.read(UInt8.self), tableEncoding == 0x3b,
            pointer(&reader, pointerEncoding) != nil, let count = pointer(&reader, countEncoding),
            count > 0, count <= UInt64(reader.remaining / Self.pairByteCount)
        else { return nil }
        let first = reader.offset
        var blocks: [UInt64] = []
        var last: Int64?
        for position in stride(from: 0, to: Int(count), by: 1 << Self.blockBits) {
            if header.filledByteCount > Self.memoryLimit { header.empty() }
            let offset = first + position * Self.pairByteCount
            var reader = ByteReader(header.bytes)
            guard header.fill(UInt64(offset)..<UInt64(offset + 4)), (try? reader.seek(to: offset)) != nil,
                let start = try? reader.read(Int32.self),
                last.map({ $0 < Int64(start) }) ?? true
            else { return nil }
            last = Int64(start)
            blocks.append(section.dataBase &+ UInt64(bitPattern: Int64(start)))
        }
        header.empty()
        self.count = Int(count)
        part = header
        self.first = first
        dataBase = section.dataBase
        sectionAddress = section.address
        self.blocks = blocks
    }

    /// Where the function at `position`, which must be less than `count`, starts.
    func start(at position: Int) -> UInt64 {
        dataBase &+ number(at: first + position * Self.pairByteCount)
    }

    /// Where in the section its FDE is; nil when that cannot be.
    func offset(at position: Int) -> Int? {
        Int(exactly: dataBase &+ number(at: first + position * Self.pairByteCount + 4) &- sectionAddress)
    }

    /// The position of the last start at or below `address`. O(log n).
    func position(for address: UInt64) -> Int? {
        var low = 0
        var high = blocks.count
        while low < high {
            let middle = (low &+ high) / 2
            if blocks[middle] <= address { low = middle &+ 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let block = (low - 1) << Self.blockBits
        low = block
        high = min(block + (1 << Self.blockBits), count)
        guard part.fill(UInt64(first + low * Self.pairByteCount)..<UInt64(first + high * Self.pairByteCount)) else {
            return nil
        }
        let bytes = part.bytes
        while low < high {
            let middle = (low &+ high) / 2
            var reader = ByteReader(bytes)
            guard (try? reader.seek(to: first &+ middle &* Self.pairByteCount)) != nil,
                let start = try? reader.read(Int32.self)
            else { return nil }
            if dataBase &+ UInt64(bitPattern: Int64(start)) <= address { low = middle &+ 1 } else { high = middle }
        }
        return low > block ? low &- 1 : nil
    }

    private func number(at offset: Int) -> UInt64 {
        // What cannot be read is no entry that is found: the entry says itself whose it is.
        guard part.fill(UInt64(offset)..<UInt64(offset) &+ 4) else { return 0 }
        var reader = ByteReader(part.bytes)
        guard (try? reader.seek(to: offset)) != nil, let number = try? reader.read(Int32.self) else { return 0 }
        return UInt64(bitPattern: Int64(number))
    }
}

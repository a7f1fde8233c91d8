internal import Primitives

/// One record of a jitdump, as far as names and lines go
/// (linux:tools/perf/Documentation/jitdump-specification.txt, sections IV to IX).
struct JitDumpRecord {
    enum Kind {
        /// Code came into being; `identifier` is its number.
        case load
        /// The code with this number is somewhere else now.
        case move
        /// The lines of the code that the next load record at this address tells of.
        case lines
        /// The end of the runtime, unwind information, and what may be defined later.
        case other
    }

    /// The bytes at the start of a record that say all of this.
    static let headByteCount = 64
    /// Where the name of loaded code begins.
    static let namePosition: UInt64 = 56
    /// Where the first entry of a record of lines begins.
    static let linesPosition: UInt64 = 32

    let kind: Kind
    /// Where in the file it begins, and its length.
    let offset: UInt64
    let byteCount: UInt64
    let time: UInt64
    /// Where the code is from now on; for lines, only its start.
    let code: Range<UInt64>
    let identifier: UInt64

    /// The record whose first bytes are `head`; nil if its length is impossible.
    init?(_ head: RawSpan, at offset: UInt64) {
        do throws(ReadError) {
            var reader = ByteReader(head)
            let type = try reader.read(UInt32.self)
            byteCount = UInt64(try reader.read(UInt32.self))
            time = try reader.read(UInt64.self)
            self.offset = offset
            guard byteCount >= 16 else { return nil }
            switch type {
            // pid, tid, vma, code_addr, code_size, code_index
            case 0 where byteCount >= Self.namePosition:
                try reader.skip(16)
                let start = try reader.read(UInt64.self)
                code = Self.range(start, try reader.read(UInt64.self))
                identifier = try reader.read(UInt64.self)
                kind = .load
            // pid, tid, vma, old_code_addr, new_code_addr, code_size, code_index
            case 1 where byteCount >= 64:
                try reader.skip(24)
                let start = try reader.read(UInt64.self)
                code = Self.range(start, try reader.read(UInt64.self))
                identifier = try reader.read(UInt64.self)
                kind = .move
            // code_addr, nr_entry
            case 2 where byteCount >= Self.linesPosition:
                code = Self.range(try reader.read(UInt64.self), 0)
                identifier = 0
                kind = .lines
            default:
                (kind, code, identifier) = (.other, 0..<0, 0)
            }
        } catch {
            return nil
        }
    }

    private static func range(_ start: UInt64, _ byteCount: UInt64) -> Range<UInt64> {
        let (end, overflow) = start.addingReportingOverflow(byteCount)
        return overflow ? start..<start : start..<end
    }
}

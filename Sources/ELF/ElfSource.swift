import Glibc
import Primitives

/// Where an image's bytes come from: a file that stays open, or memory (the vDSO has no file).
enum ElfSource: ~Copyable, Sendable {
    case file(FileDescriptor)
    case memory([UInt8])

    /// Up to `count` bytes from `offset`; fewer only at the end.
    borrowing func read(at offset: FileOffset, count: Int) throws(ElfError) -> [UInt8] {
        switch self {
        case .file(let file):
            do {
                return try file.read(at: offset, count: count)
            } catch {
                throw .system(error)
            }
        case .memory(let bytes):
            guard count > 0, offset.value < UInt64(bytes.count) else { return [] }
            let start = Int(offset.value)
            return Array(bytes[start..<start &+ min(count, bytes.count &- start)])
        }
    }

    /// The number of bytes there are.
    borrowing func size() throws(ElfError) -> UInt64 {
        switch self {
        case .file(let file):
            do {
                return UInt64(max(0, try file.status().st_size))
            } catch {
                throw .system(error)
            }
        case .memory(let bytes):
            return UInt64(bytes.count)
        }
    }
}

import Glibc
import Primitives
import TargetFiles

/// Where an image's bytes come from: a file that stays open, one that may stop answering, or memory (the vDSO has no file).
enum ElfSource: ~Copyable, Sendable {
    case file(FileDescriptor)
    case target(TargetFile)
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
        case .target(let file):
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

    /// Whether the file has stopped answering, so that it is not read any more.
    var isGivenUp: Bool {
        switch self {
        case .target(let file): file.isGivenUp
        case .file: false
        case .memory: false
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
        case .target(let file):
            // As it was when it was opened; where it is shorter by now, there are fewer bytes to read.
            return UInt64(max(0, file.status.st_size))
        case .memory(let bytes):
            return UInt64(bytes.count)
        }
    }
}

import ELF
import Primitives

/// Which places of a string table hold the names of functions that the unwinder knows.
///
/// The table, which may be larger than all else in a program, is read once, in pieces. Linkers let a name begin in the middle
/// of a longer one that ends alike, so every end of a string is looked at backwards.
struct NamedRoles {
    private var roles: [UInt32: FunctionIndex.Role] = [:]

    /// More places than this are not the work of a linker.
    private static let placeLimit = 1 << 16
    private static let pieceByteCount = 1 << 16
    /// More than the longest of the names.
    private static let longest = 40
    /// Go's assembly functions carry their calling convention.
    private static let goSuffix = Array(".abi0".utf8)

    private struct Name {
        var bytes: [UInt8]
        var role: FunctionIndex.Role
    }

    /// The names by their last byte.
    private static let namesByEnd: [[Name]] = {
        var result = [[Name]](repeating: [], count: 256)
        for (text, role) in FunctionIndex.names {
            for bytes in [Array(text.utf8), Array(text.utf8) + goSuffix] {
                if let last = bytes.last { result[Int(last)].append(Name(bytes: bytes, role: role)) }
            }
        }
        return result
    }()

    /// Reads the string table in `section` of `image`. O(n).
    init(_ image: ElfImage, _ section: ElfSection) {
        let names = Self.namesByEnd
        var position: UInt64 = 0
        // The end of the piece before, in which a name may begin.
        var piece: [UInt8] = []
        while position < section.size, position < UInt64(UInt32.max), roles.count < Self.placeLimit {
            let (offset, overflow) = section.offset.value.addingReportingOverflow(position)
            let count = min(UInt64(Self.pieceByteCount), section.size - position)
            guard !overflow, let bytes = try? image.read(at: FileOffset(offset), count: Int(count)), !bytes.isEmpty
            else { return }
            let carried = piece.count
            piece += bytes
            let start = position &- UInt64(carried)
            for end in max(carried, 1)..<piece.count where piece[end] == 0 {
                for name in names[Int(piece[end - 1])] where Self.ends(piece, at: end, with: name.bytes) {
                    let place = start &+ UInt64(end - name.bytes.count)
                    if let place = UInt32(exactly: place) { roles[place] = name.role }
                }
            }
            position += UInt64(bytes.count)
            piece.removeFirst(max(0, piece.count - Self.longest))
        }
    }

    /// What the unwinder knows of the function whose name is at `place`.
    func role(at place: UInt32) -> FunctionIndex.Role { roles[place] ?? .ordinary }

    private static func ends(_ piece: [UInt8], at end: Int, with name: [UInt8]) -> Bool {
        guard name.count <= end else { return false }
        for distance in 1...name.count where piece[end - distance] != name[name.count - distance] { return false }
        return true
    }
}

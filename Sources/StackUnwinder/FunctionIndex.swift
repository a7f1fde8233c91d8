import ELF
import Primitives

/// Where the functions of an image begin, from `.symtab` and `.dynsym`, and what the unwinder knows of some by name.
struct FunctionIndex {
    /// Functions that end a stack.
    enum Role: UInt8 {
        case ordinary
        /// The first function of a process or of a goroutine.
        case root
        /// Starts a thread in its child, and returns in its parent.
        case threadStart
        /// Runs on Go's scheduler stack.
        case scheduler
        /// `main`: its caller is the C library's start-up code, whose frames are not the program's.
        case main
    }

    struct Function {
        var range: Range<UInt64>
        var role: Role
        /// Whether the table states how long it is; if not, it is taken to reach to the next one known, over functions
        /// that the table may lack.
        var hasSize: Bool
    }

    /// A start and a size, both relative to the image.
    private struct Entry {
        var start: UInt32
        var size: UInt32
    }

    let base: UInt64
    private var entries: [Entry] = []
    private var roles: [UInt32: Role] = [:]

    /// More functions than this are not kept: 32 MB.
    private static let entryLimit = 1 << 22
    private static let symbolByteCount: UInt64 = 24
    static let names: [String: Role] = [
        "_start": .root, "__start": .root, "_rt0_amd64": .root, "_rt0_amd64_linux": .root, "_rt0_arm64": .root,
        "_rt0_arm64_linux": .root, "runtime.goexit": .root, "runtime.rt0_go": .root,
        "runtime.mstart": .scheduler, "runtime.systemstack": .scheduler, "runtime.mcall": .scheduler,
        "runtime.morestack": .scheduler, "runtime.asmcgocall": .scheduler, "runtime.gogo": .scheduler,
        "gogo": .scheduler, "runtime.clone": .threadStart, "main": .main,
        "clone": .threadStart, "__clone": .threadStart, "clone3": .threadStart, "__clone3": .threadStart,
    ]

    init(_ image: ElfImage, base: UInt64) {
        self.base = base
        for section in image.sections where section.type == 2 || section.type == 11 {
            guard Int(section.link) < image.sections.count else { continue }
            collect(section, of: image, names: NamedRoles(image, image.sections[Int(section.link)]))
        }
        collectStartAndEnd(of: image)
        entries.sort { ($0.start, $1.size) < ($1.start, $0.size) }
        // Of several symbols at one address the largest, which is the first, in place: the list may be long.
        var kept = 0
        for index in entries.indices where kept == 0 || entries[kept - 1].start != entries[index].start {
            entries[kept] = entries[index]
            kept += 1
        }
        entries = Array(entries[..<kept])
    }

    var isEmpty: Bool { entries.isEmpty }

    /// The function around `address`: one whose size covers it, or one without a size up to the next.
    func function(at address: UInt64) -> Function? {
        guard address >= base, let relative = UInt32(exactly: address - base) else { return nil }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low &+ high) / 2
            if entries[middle].start <= relative { low = middle &+ 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let entry = entries[low - 1]
        let next = low < entries.count ? entries[low].start : UInt32.max
        let start = entry.start
        let end = entry.size == 0 ? next : UInt32(clamping: UInt64(start) + UInt64(entry.size))
        guard relative < end else { return nil }
        return Function(
            range: base &+ UInt64(start)..<base &+ UInt64(end), role: roles[start] ?? .ordinary,
            hasSize: entry.size != 0)
    }

    /// The functions in a symbol table, which is read in pieces.
    private mutating func collect(_ section: ElfSection, of image: ElfImage, names: NamedRoles) {
        let pieceByteCount = 2048 * Self.symbolByteCount
        var position: UInt64 = 0
        while position < section.size, !section.hasNoBytes {
            let (offset, overflow) = section.offset.value.addingReportingOverflow(position)
            let count = min(pieceByteCount, section.size - position)
            guard !overflow, let symbols = try? image.read(at: FileOffset(offset), count: Int(count)), !symbols.isEmpty
            else { return }
            collect(symbols, names: names)
            position += UInt64(symbols.count)
        }
    }

    private mutating func collect(_ symbols: [UInt8], names: NamedRoles) {
        var reader = ByteReader(symbols.rawSpan)
        // Elf64_Sym: name, info, other, section, value, size.
        while reader.remaining >= Int(Self.symbolByteCount), entries.count < Self.entryLimit {
            guard let name = try? reader.read(UInt32.self), let info = try? reader.read(UInt8.self),
                (try? reader.skip(1)) != nil, let section = try? reader.read(UInt16.self),
                let value = try? reader.read(UInt64.self), let size = try? reader.read(UInt64.self)
            else { return }
            // STT_FUNC or STT_GNU_IFUNC; assembly often leaves STT_NOTYPE, which counts when it is one of our names.
            let type = info & 15
            guard section != 0, value >= base, let start = UInt32(exactly: value - base),
                type == 2 || type == 10 || type == 0
            else { continue }
            let role = names.role(at: name)
            guard type != 0 || role != .ordinary else { continue }
            if role != .ordinary { roles[start] = role }
            entries.append(Entry(start: start, size: UInt32(clamping: size)))
        }
    }

    /// The functions of start and end that every image has, symbols or not (System V ABI, "Initialization and Termination
    /// Functions"): `.init` and `.fini`, which are one each, and those in `.init_array` and `.fini_array`.
    private mutating func collectStartAndEnd(of image: ElfImage) {
        for section in image.sections {
            if section.name == ".init" || section.name == ".fini" {
                guard section.address.value >= base, let start = UInt32(exactly: section.address.value - base) else {
                    continue
                }
                entries.append(Entry(start: start, size: UInt32(clamping: section.size)))
            }
            // SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY
            guard (14...16).contains(section.type), let words = try? image.read(section, limit: 1 << 16) else {
                continue
            }
            var reader = ByteReader(words.rawSpan)
            while let word = try? reader.read(UInt64.self) {
                guard word > base, let start = UInt32(exactly: word - base),
                    image.segments.contains(where: {
                        $0.isLoad && $0.isExecutable && $0.fileOffset(for: FileAddress(word)) != nil
                    })
                else { continue }
                entries.append(Entry(start: start, size: 0))
            }
        }
    }

    /// What the unwinder knows of the function called `name`.
    static func role(ofFunction name: String) -> Role { names[name] ?? .ordinary }
}

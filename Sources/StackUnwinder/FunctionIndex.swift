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
    }

    let base: UInt64
    private var starts: [UInt32] = []
    private var sizes: [UInt32] = []
    private var roles: [UInt32: Role] = [:]

    /// More bytes of symbols than this are not read.
    private static let limit = 256 << 20
    private static let names: [String: Role] = [
        "_start": .root, "__start": .root, "_rt0_amd64": .root, "_rt0_amd64_linux": .root, "_rt0_arm64": .root,
        "_rt0_arm64_linux": .root, "runtime.goexit": .root, "runtime.rt0_go": .root,
        "runtime.mstart": .scheduler, "runtime.systemstack": .scheduler, "runtime.mcall": .scheduler,
        "runtime.morestack": .scheduler, "runtime.asmcgocall": .scheduler, "runtime.gogo": .scheduler,
        "gogo": .scheduler, "runtime.clone": .threadStart, "main": .main,
        "clone": .threadStart, "__clone": .threadStart, "clone3": .threadStart, "__clone3": .threadStart,
    ]

    init(_ image: ElfImage, base: UInt64) {
        self.base = base
        var found: [(start: UInt32, size: UInt32)] = []
        for section in image.sections where section.type == 2 || section.type == 11 {
            guard let symbols = try? image.read(section, limit: Self.limit), Int(section.link) < image.sections.count,
                let names = try? image.read(image.sections[Int(section.link)], limit: Self.limit)
            else { continue }
            collect(symbols, names: names, into: &found)
        }
        collectStartAndEnd(of: image, into: &found)
        found.sort { ($0.start, $1.size) < ($1.start, $0.size) }
        for (start, size) in found where starts.last != start {
            starts.append(start)
            sizes.append(size)
        }
    }

    var isEmpty: Bool { starts.isEmpty }

    /// The function around `address`: one whose size covers it, or one without a size up to the next.
    func function(at address: UInt64) -> Function? {
        guard address >= base, let relative = UInt32(exactly: address - base) else { return nil }
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low &+ high) / 2
            if starts[middle] <= relative { low = middle &+ 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let position = low - 1
        let start = starts[position]
        let next = low < starts.count ? starts[low] : UInt32.max
        let end =
            sizes[position] == 0 ? next : min(UInt32(clamping: UInt64(start) + UInt64(sizes[position])), UInt32.max)
        guard relative < end else { return nil }
        return Function(
            range: base &+ UInt64(start)..<base &+ UInt64(end), role: roles[start] ?? .ordinary)
    }

    private mutating func collect(
        _ symbols: [UInt8], names: [UInt8], into found: inout [(start: UInt32, size: UInt32)]
    ) {
        var reader = ByteReader(symbols.rawSpan)
        // Elf64_Sym: name, info, other, section, value, size.
        while reader.remaining >= 24 {
            guard let name = try? reader.read(UInt32.self), let info = try? reader.read(UInt8.self),
                (try? reader.skip(1)) != nil, let section = try? reader.read(UInt16.self),
                let value = try? reader.read(UInt64.self), let size = try? reader.read(UInt64.self)
            else { return }
            // STT_FUNC or STT_GNU_IFUNC; assembly often leaves STT_NOTYPE, which counts when it is one of our names.
            let type = info & 15
            guard section != 0, value >= base, let start = UInt32(exactly: value - base),
                type == 2 || type == 10 || type == 0
            else { continue }
            let role = Self.role(names, at: Int(name))
            guard type != 0 || role != .ordinary else { continue }
            if role != .ordinary { roles[start] = role }
            found.append((start, UInt32(clamping: size)))
        }
    }

    /// The functions of start and end that every image has, symbols or not (System V ABI, "Initialization and Termination
    /// Functions"): `.init` and `.fini`, which are one each, and those in `.init_array` and `.fini_array`.
    private func collectStartAndEnd(of image: ElfImage, into found: inout [(start: UInt32, size: UInt32)]) {
        for section in image.sections {
            if section.name == ".init" || section.name == ".fini" {
                guard section.address.value >= base, let start = UInt32(exactly: section.address.value - base) else {
                    continue
                }
                found.append((start, UInt32(clamping: section.size)))
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
                found.append((start, 0))
            }
        }
    }

    private static func role(_ names: [UInt8], at offset: Int) -> Role {
        // Cheap filter first: tables have hundreds of thousands of names.
        guard offset + 5 < names.count else { return .ordinary }
        let first = names[offset]
        guard
            first == 0x5f || first == 0x63 || (first == 0x6d && names[offset + 4] == 0)
                || (first == 0x72 && names[offset + 1] == 0x75 && names[offset + 2] == 0x6e)
        else { return .ordinary }
        var end = offset
        while end < names.count, names[end] != 0, end - offset < 32 { end += 1 }
        var name = String(decoding: names[offset..<end], as: UTF8.self)
        // Go's assembly functions carry their calling convention.
        if name.hasSuffix(".abi0") { name.removeLast(5) }
        return role(ofFunction: name)
    }

    /// What the unwinder knows of the function called `name`.
    static func role(ofFunction name: String) -> Role { names[name] ?? .ordinary }
}

import CElfutils
import Primitives

/// The stubs through which a file calls functions of other files (.plt and its kin), named after what they jump to.
///
/// No symbol table lists them. A stub's jump is decoded for the slot of the global offset table that it reads, and the
/// slot's relocation names the function: linkers differ in how they order and size stubs, but not in this.
struct LinkageTable {
    private struct Stub {
        var start: UInt64
        var end: UInt64
        var slot: UInt64
    }

    /// What the dynamic linker writes into a slot.
    private enum Target {
        case symbol(String)
        /// What the resolver function at this address chooses.
        case resolver(UInt64)
    }

    /// Sorted by address.
    private let stubs: [Stub]
    private var targets: [UInt64: Target] = [:]

    private static let sectionNames: Set<String> = [".plt", ".plt.sec", ".plt.got", ".iplt", ".plt.bnd"]
    /// More stubs than this are not believed.
    private static let stubLimit = 1 << 20

    /// Whether `file` has a stub section around `address`.
    static func isStub(_ address: UInt64, in file: ElfFile) -> Bool {
        file.sections.contains { section in
            address >= section.address && address - section.address < section.size
                && sectionNames.contains(section.name)
        }
    }

    /// Decodes the stubs of `file` and reads the relocations of their slots. O(stubs + relocations).
    init(_ file: ElfFile) {
        var stubs: [Stub] = []
        for section in file.sections where Self.sectionNames.contains(section.name) && section.isCode {
            let bytes = file.contents(section)
            guard section.address <= UInt64.max - UInt64(bytes.count) else { continue }
            switch Int32(file.machine) {
            case EM_X86_64: Self.decodeIntel(bytes, at: section.address, entrySize: section.entrySize, into: &stubs)
            case EM_AARCH64: Self.decodeArm(bytes, at: section.address, into: &stubs)
            default: break
            }
        }
        stubs.sort { $0.start < $1.start }
        self.stubs = stubs
        guard !stubs.isEmpty else { return }
        let wanted = Set(stubs.map(\.slot))
        for section in file.sections where section.type == UInt32(SHT_RELA) && file.is64Bit {
            // Those of debug sections in object files have no slots.
            guard section.flags & UInt64(SHF_ALLOC) != 0 else { continue }
            readRelocations(section, file, wanted)
        }
    }

    /// The function that the stub around `address` jumps to; nil if there is no stub or its slot has no relocation.
    ///
    /// `symbols` names the resolvers of functions that are chosen when the program starts. O(log n).
    func frame(at address: UInt64, _ symbols: SymbolTable, usingSystemDemanglers: Bool) -> SymbolizedFrame? {
        var low = 0
        var high = stubs.count
        while low < high {
            let middle = (low + high) / 2
            if stubs[middle].start <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, address < stubs[low - 1].end, let target = targets[stubs[low - 1].slot] else { return nil }
        let name: String
        switch target {
        case .symbol(let symbol): name = symbol
        case .resolver(let resolver): name = symbols.name(at: resolver) ?? "*ABS*+\(hexadecimal(resolver))"
        }
        let readable =
            demangle(name, usingSystemDemanglers: usingSystemDemanglers).map(StandardTypeNames.shorten) ?? name
        return SymbolizedFrame(linkageName: name, displayName: readable + "@plt")
    }

    // MARK: Stubs

    /// `jmp *slot(%rip)`, in entries of 8 or 16 bytes that may start with `endbr64` or a load of the slot's number.
    private static func decodeIntel(
        _ section: SectionBytes, at base: UInt64, entrySize: UInt64, into stubs: inout [Stub]
    ) {
        let bytes = section.bytes
        var jumps: [(offset: Int, slot: UInt64)] = []
        var reader = ByteReader(bytes)
        var offset = 0
        while offset + 6 <= bytes.byteCount, jumps.count < stubLimit {
            guard (try? reader.seek(to: offset)) != nil, let opcode = try? reader.read(UInt16.self) else { break }
            guard opcode == 0x25ff, let distance = try? reader.read(Int32.self) else {
                offset += 1
                continue
            }
            offset += 6
            jumps.append((offset - 6, base &+ UInt64(offset) &+ UInt64(bitPattern: Int64(distance))))
        }
        // The sizes that sections state cannot be relied on: lld and mold write 0, GNU ld 16 for entries of 8 bytes.
        let distance = zip(jumps, jumps.dropFirst()).map { $1.offset - $0.offset }.min()
        let size = distance.map { $0 < 16 ? 8 : 16 } ?? (entrySize == 8 || bytes.byteCount < 16 ? 8 : 16)
        for jump in jumps {
            let start = base + UInt64(jump.offset - jump.offset % size)
            stubs.append(Stub(start: start, end: start &+ UInt64(size), slot: jump.slot))
        }
    }

    /// `adrp x16, page; ldr x17, [x16, #offset]`, in entries of 16 or 24 bytes that may start with `bti c`.
    private static func decodeArm(_ section: SectionBytes, at base: UInt64, into stubs: inout [Stub]) {
        let bytes = section.bytes
        let first = stubs.count
        var reader = ByteReader(bytes)
        var before: UInt32 = 0
        while stubs.count - first < stubLimit, let word = try? reader.read(UInt32.self) {
            defer { before = word }
            var next = reader
            guard word & 0x9f00_001f == 0x9000_0010, let load = try? next.read(UInt32.self),
                load & 0xffc0_03ff == 0xf940_0211
            else { continue }
            let address = base &+ UInt64(reader.offset - 4)
            // 21 bits of pages, the lowest two of them stored apart; shifted twice for the sign.
            let pages = Int64(Int32(bitPattern: (word >> 5 & 0x7ffff) << 13 | (word >> 29 & 3) << 11) >> 11)
            let slot = (address & ~0xfff) &+ UInt64(bitPattern: pages << 12) &+ UInt64(load >> 10 & 0xfff) * 8
            let start = before == 0xd503_245f ? address &- 4 : address
            stubs.append(Stub(start: start, end: start, slot: slot))
        }
        let end = base &+ UInt64(bytes.byteCount)
        for index in first..<stubs.count {
            let next = index + 1 < stubs.count ? stubs[index + 1].start : end
            stubs[index].end = min(next, stubs[index].start &+ 24)
        }
    }

    // MARK: Slots

    private mutating func readRelocations(_ section: ElfFile.Section, _ file: ElfFile, _ wanted: Set<UInt64>) {
        let symbols = file.sections.first { $0.index == section.link }
        let entries = symbols.map { file.contents($0) } ?? .none
        let names = symbols.flatMap { table in file.sections.first { $0.index == table.link } }
        let strings = names.map { file.contents($0) } ?? .none
        let isArm = Int32(file.machine) == EM_AARCH64
        let named =
            isArm
            ? [UInt32(R_AARCH64_JUMP_SLOT), UInt32(R_AARCH64_GLOB_DAT)]
            : [UInt32(R_X86_64_JUMP_SLOT), UInt32(R_X86_64_GLOB_DAT)]
        let chosen = isArm ? UInt32(R_AARCH64_IRELATIVE) : UInt32(R_X86_64_IRELATIVE)
        let relocations = file.contents(section)
        var reader = ByteReader(relocations.bytes)
        while let slot = try? reader.read(UInt64.self), let info = try? reader.read(UInt64.self),
            let addend = try? reader.read(UInt64.self)
        {
            let type = UInt32(truncatingIfNeeded: info)
            if type == chosen, wanted.contains(slot) {
                targets[slot] = .resolver(addend)
            } else if named.contains(type), wanted.contains(slot),
                let name = Self.symbolName(info >> 32, entries, strings)
            {
                targets[slot] = .symbol(name)
            }
        }
    }

    /// The name of symbol `index` of a 64-bit symbol table; nil if it has none.
    private static func symbolName(_ index: UInt64, _ entries: SectionBytes, _ strings: SectionBytes) -> String? {
        // Index and size are below 2³² and 2⁵: no overflow.
        guard var entry = try? ByteReader(entries.bytes, at: index * 24), let name = try? entry.read(UInt32.self),
            name != 0, var text = try? ByteReader(strings.bytes, at: UInt64(name)),
            let range = try? text.readStringRange(), !range.isEmpty
        else { return nil }
        return String(decodingBytes: strings.bytes.extracting(range.prefix(1 << 16)))
    }
}

import CElfutils
import Glibc
import Primitives

/// An ELF file opened by libelf: its sections, decompressed where that is needed.
///
/// The file is mapped. If it shrinks meanwhile, reading it ends the process, which is why this runs in workers only.
final class ElfFile {
    /// What the section header table says of one section.
    struct Section {
        var index: Int
        var name: String
        var type: UInt32
        var flags: UInt64
        var address: UInt64
        var size: UInt64
        var link: Int
        var entrySize: UInt64
        var isCode: Bool { flags & UInt64(SHF_EXECINSTR) != 0 && flags & UInt64(SHF_ALLOC) != 0 }
    }

    let path: String
    let is64Bit: Bool
    /// `EM_X86_64` and the like.
    let machine: UInt16
    let sections: [Section]
    /// Where the file has executable code.
    let code: CodeRanges
    /// The address of the first loadable segment.
    let firstAddress: UInt64?
    private let handle: ElfHandle
    /// The sections that could not be inflated so far, for the user.
    private(set) var damagedSections: [String] = []

    /// Opens the file behind `file`, whose position and ownership do not matter.
    convenience init(_ file: borrowing FileDescriptor, path: String) throws(SymbolizerError) {
        let copy: FileDescriptor
        do {
            copy = try file.duplicate()
        } catch {
            throw .unreadable(path: path, reason: error.description)
        }
        // Reading a pipe or a device could wait for ever.
        guard let status = try? file.status(), status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "it is not a regular file")
        }
        try self.init(ElfHandle(copy, path: path), path: path)
    }

    /// Opens a file that is in memory.
    convenience init(_ image: [UInt8], path: String) throws(SymbolizerError) {
        try self.init(ElfHandle(image, path: path), path: path)
    }

    private init(_ handle: ElfHandle, path: String) throws(SymbolizerError) {
        self.path = path
        self.handle = handle
        var header = GElf_Ehdr()
        guard unsafe elf_kind(handle.elf) == ELF_K_ELF, unsafe gelf_getehdr(handle.elf, &header) != nil else {
            throw .notELF(path: path, reason: ElfHandle.lastError())
        }
        guard header.e_ident.5 == UInt8(ELFDATA2LSB) else {
            throw .notELF(path: path, reason: "big-endian")
        }
        is64Bit = header.e_ident.4 == UInt8(ELFCLASS64)
        machine = header.e_machine
        let sections = unsafe Self.readSections(handle.elf)
        self.sections = sections
        var ranges: [Range<UInt64>] = []
        for section in sections where section.isCode && section.address < UInt64.max - section.size {
            ranges.append(section.address..<section.address + section.size)
        }
        var first: UInt64?
        var count = 0
        _ = unsafe elf_getphdrnum(handle.elf, &count)
        var segments: [Range<UInt64>] = []
        for index in 0..<min(count, 4096) {
            var segment = GElf_Phdr()
            guard unsafe gelf_getphdr(handle.elf, Int32(index), &segment) != nil, segment.p_type == UInt32(PT_LOAD)
            else { continue }
            if first == nil { first = segment.p_vaddr }
            if segment.p_flags & UInt32(PF_X) != 0, segment.p_vaddr < UInt64.max - segment.p_memsz {
                segments.append(segment.p_vaddr..<segment.p_vaddr + segment.p_memsz)
            }
        }
        firstAddress = first
        code = CodeRanges(segments.isEmpty ? ranges : segments)
    }

    /// The contents of the section called `name`, inflated if they are compressed; `.none` if there are none.
    func contents(_ name: String) -> SectionBytes {
        guard let section = sections.first(where: { $0.name == name && $0.type != UInt32(SHT_NOBITS) }) else {
            return .none
        }
        return contents(section)
    }

    /// The contents of `section`, inflated if they are compressed.
    func contents(_ section: Section) -> SectionBytes {
        guard section.type != UInt32(SHT_NOBITS), let scn = unsafe elf_getscn(handle.elf, section.index) else {
            return .none
        }
        if section.flags & UInt64(SHF_COMPRESSED) != 0 {
            var header = GElf_Chdr()
            // Inflated already, when the section is asked for a second time.
            guard unsafe gelf_getchdr(scn, &header) != nil else { return unsafe data(elf_getdata(scn, nil)) }
            guard Self.isPlausible(header.ch_size, section.size), unsafe elf_compress(scn, 0, 0) >= 0 else {
                if !damagedSections.contains(section.name) { damagedSections.append(section.name) }
                return .none
            }
            return unsafe data(elf_getdata(scn, nil))
        }
        if section.name.hasPrefix(".zdebug") {
            // Fails harmlessly for a section that is inflated already.
            _ = unsafe elf_compress_gnu(scn, 0, 0)
            return unsafe data(elf_getdata(scn, nil))
        }
        return unsafe data(elf_rawdata(scn, nil))
    }

    /// The contents of the debug section `name` (without `.debug_`), under whichever of its names it is stored.
    func debugContents(_ name: String, isSplit: Bool = false) -> SectionBytes {
        let suffix = isSplit ? ".dwo" : ""
        let plain = contents(".debug_" + name + suffix)
        return plain.isEmpty ? contents(".zdebug_" + name + suffix) : plain
    }

    /// The file's build ID; nil if it has none.
    var buildID: BuildID? {
        var pointer: UnsafeRawPointer?
        let count = unsafe dwelf_elf_gnu_build_id(handle.elf, &pointer)
        guard count > 0, count <= 64, let pointer = unsafe pointer else { return nil }
        return unsafe BuildID([UInt8](UnsafeRawBufferPointer(start: pointer, count: count)))
    }

    /// Deflate cannot shrink more than about a thousandfold; a header that says so lies.
    private static func isPlausible(_ size: UInt64, _ compressed: UInt64) -> Bool {
        size < 1 << 33 && size / 1100 <= compressed
    }

    private func data(_ data: UnsafeMutablePointer<Elf_Data>?) -> SectionBytes {
        guard let data = unsafe data, let start = unsafe data.pointee.d_buf else { return .none }
        // libelf keeps the data until the handle is closed.
        return unsafe SectionBytes(
            UnsafeRawBufferPointer(start: start, count: data.pointee.d_size), owner: handle)
    }

    private static func readSections(_ elf: OpaquePointer) -> [Section] {
        var count = 0
        var names = 0
        guard unsafe elf_getshdrnum(elf, &count) == 0, unsafe elf_getshdrstrndx(elf, &names) == 0 else { return [] }
        var sections: [Section] = []
        for index in 0..<min(count, 1 << 20) {
            var header = GElf_Shdr()
            guard let scn = unsafe elf_getscn(elf, index), unsafe gelf_getshdr(scn, &header) != nil else { continue }
            let name = unsafe elf_strptr(elf, names, Int(header.sh_name)).map { unsafe String(cString: $0) }
            sections.append(
                Section(
                    index: index, name: name ?? "", type: header.sh_type, flags: header.sh_flags,
                    address: header.sh_addr, size: header.sh_size, link: Int(header.sh_link),
                    entrySize: header.sh_entsize))
        }
        return sections
    }
}

/// Owns libelf's handle and what it reads from.
///
/// Sendable because nothing is done with the handle but closing it once no one reads its sections any more; `ElfFile`,
/// which does use it, stays with one thread.
@safe
final class ElfHandle: @unchecked Sendable {
    let elf: OpaquePointer
    private let file: FileDescriptor?
    private let image: UnsafeMutableRawBufferPointer?

    init(_ file: consuming FileDescriptor, path: String) throws(SymbolizerError) {
        _ = elf_version(UInt32(EV_CURRENT))
        guard let elf = unsafe elf_begin(file.raw, ELF_C_READ_MMAP, nil) else {
            throw .notELF(path: path, reason: Self.lastError())
        }
        unsafe self.elf = elf
        self.file = consume file
        unsafe image = nil
    }

    init(_ bytes: [UInt8], path: String) throws(SymbolizerError) {
        _ = elf_version(UInt32(EV_CURRENT))
        let image = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 16)
        unsafe image.copyBytes(from: bytes)
        let start = unsafe image.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self)
        guard let elf = unsafe elf_memory(start, bytes.count) else {
            unsafe image.deallocate()
            throw .notELF(path: path, reason: Self.lastError())
        }
        unsafe self.elf = elf
        file = nil
        unsafe self.image = image
    }

    deinit {
        _ = unsafe elf_end(elf)
        unsafe image?.deallocate()
    }

    static func lastError() -> String {
        guard let message = unsafe elf_errmsg(-1) else { return "no ELF header" }
        return unsafe String(cString: message)
    }
}

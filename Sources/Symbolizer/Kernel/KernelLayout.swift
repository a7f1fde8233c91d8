internal import Glibc
public import Primitives

/// Where the running kernel and its modules are, and which builds they are: what a profile's mappings need.
public struct KernelLayout: Sendable {
    /// A piece of kernel memory that holds code.
    public struct Region: Hashable, Sendable {
        /// `[kernel.kallsyms]`, or the module's name in brackets.
        public let name: String
        /// The addresses; a module's hold its data too.
        public let range: Range<Address>
        /// The GNU build ID, nil where the kernel does not tell.
        public let buildID: BuildID?
    }

    /// The kernel's own code, `_stext` up to `_etext`; nil where the kernel hides its addresses.
    public let kernel: Region?
    /// The loaded modules in ascending order of address; empty where the kernel hides addresses or has no modules.
    public let modules: [Region]

    /// The layout of the running kernel, whose own code is at `text` (``KernelSymbols/text``).
    public init(text: Range<Address>?) {
        self.init(
            text: text, modulesPath: "/proc/modules", notesPath: "/sys/kernel/notes", moduleFolder: "/sys/module")
    }

    /// The layout that the files at these paths tell.
    init(text: Range<Address>?, modulesPath: String, notesPath: String, moduleFolder: String) {
        kernel = text.map { range in
            let notes = contents(ofSmallFile: notesPath) ?? []
            return Region(name: "[kernel.kallsyms]", range: range, buildID: buildID(inNotes: notes))
        }
        modules = KernelLayout.modules(contents(ofSmallFile: modulesPath) ?? []) { name in
            buildID(inNotes: contents(ofSmallFile: "\(moduleFolder)/\(name)/notes/.note.gnu.build-id") ?? [])
        }
    }

    /// The region that holds `address`. O(log n) in the number of modules.
    public func region(of address: Address) -> Region? {
        if let kernel, kernel.range.contains(address) { return kernel }
        var low = 0
        var high = modules.count
        while low < high {
            let middle = low + (high - low) / 2
            if modules[middle].range.upperBound <= address { low = middle + 1 } else { high = middle }
        }
        guard low < modules.count, modules[low].range.contains(address) else { return nil }
        return modules[low]
    }

    /// The lines of `/proc/modules`: name, size, uses, users, state, address.
    static func modules(_ bytes: [UInt8], buildID: (String) -> BuildID?) -> [Region] {
        var regions: [Region] = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count >= 6 else { continue }
            let name = String(decoding: fields[0], as: UTF8.self)
            let digits = String(decoding: fields[5], as: UTF8.self)
            guard let size = UInt64(String(decoding: fields[1], as: UTF8.self)), size > 0, digits.hasPrefix("0x"),
                let start = UInt64(digits.dropFirst(2), radix: 16), start != 0, !name.contains("/"), name != ".."
            else { continue }
            let (end, overflow) = start.addingReportingOverflow(size)
            if overflow { continue }
            regions.append(
                Region(name: "[\(name)]", range: Address(start)..<Address(end), buildID: buildID(name)))
        }
        return regions.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }
}

/// The GNU build ID among ELF notes (elf(5), `Elf64_Nhdr`); nil if there is none or the notes are broken.
func buildID(inNotes notes: [UInt8]) -> BuildID? {
    var reader = ByteReader(notes.rawSpan)
    while !reader.isAtEnd {
        guard let nameSize = try? reader.read(UInt32.self), let size = try? reader.read(UInt32.self),
            let type = try? reader.read(UInt32.self), let name = try? reader.readBytes(Int(nameSize)),
            (try? reader.skip(-Int(nameSize) & 3)) != nil, let descriptor = try? reader.readBytes(Int(size))
        else { return nil }
        // NT_GNU_BUILD_ID
        if type == 3, name == Array("GNU\0".utf8) { return BuildID(descriptor) }
        guard (try? reader.skip(-Int(size) & 3)) != nil else { return nil }
    }
    return nil
}

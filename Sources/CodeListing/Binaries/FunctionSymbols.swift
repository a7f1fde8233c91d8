internal import ELF
internal import Primitives

/// The functions of an ELF file by its symbol tables, in the order of their addresses.
struct FunctionSymbols {
    /// A function and all its names.
    struct Function {
        /// The code: as long as the symbol says, or up to the next function where it says nothing.
        let range: Range<FileAddress>
        /// The symbols at its start, mangled, in the order of the table.
        let names: [String]
    }

    /// Tables of more bytes than this are not read: the largest programs have some 100 MB of symbols.
    private static let tableByteLimit = 256 << 20
    /// Bytes of one name.
    private static let nameByteLimit = 1 << 16

    private struct Entry {
        var start: UInt64
        var size: UInt64
        var table: Int32
        var name: UInt32
    }

    private var starts: [UInt64] = []
    private var ends: [UInt64] = []
    /// For each function where its entries begin, and the end of the last ones.
    private var firstEntries: [Int] = [0]
    private var entries: [Entry] = []
    private var names: [[UInt8]] = []

    /// The functions in `.symtab` of `image`, else of the file with its debug information, else in `.dynsym`.
    init(_ image: ElfImage, path: String) {
        read(image, type: 2)
        if entries.isEmpty, let buildID = image.buildID, let debug = Self.debugFile(buildID) {
            read(debug, type: 2)
        }
        if entries.isEmpty { read(image, type: 11) }
        index(codeEnd: Self.codeEnd(of: image))
    }

    /// The function around `address`. O(log(functions)).
    func function(around address: FileAddress) -> Function? {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= address.value { low = middle + 1 } else { high = middle }
        }
        guard low > 0, address.value < ends[low - 1] else { return nil }
        let position = low - 1
        let range = FileAddress(starts[position])..<FileAddress(ends[position])
        return Function(
            range: range,
            names: entries[firstEntries[position]..<firstEntries[position + 1]].compactMap(name))
    }

    /// GDB's place for separate debug files (gdb manual, "Separate Debug Files").
    private static func debugFile(_ buildID: BuildID) -> ElfImage? {
        let digits = buildID.description
        guard digits.utf8.count > 2 else { return nil }
        let path = "/usr/lib/debug/.build-id/\(digits.prefix(2))/\(digits.dropFirst(2)).debug"
        guard let file = try? FileDescriptor(openingRegularFile: path) else { return nil }
        return try? ElfImage(reading: file)
    }

    private static func codeEnd(of image: ElfImage) -> UInt64 {
        var end: UInt64 = 0
        for segment in image.segments where segment.isLoad && segment.isExecutable {
            end = max(end, segment.address.value.addingReportingOverflow(segment.memorySize).partialValue)
        }
        return end
    }

    private mutating func read(_ image: ElfImage, type: UInt32) {
        for section in image.sections where section.type == type {
            guard Int(section.link) < image.sections.count,
                let symbols = try? image.read(section, limit: Self.tableByteLimit),
                let strings = try? image.read(image.sections[Int(section.link)], limit: Self.tableByteLimit)
            else { continue }
            names.append(strings)
            collect(symbols, table: Int32(names.count - 1))
        }
    }

    /// Symbols that are functions: STT_FUNC or STT_GNU_IFUNC, defined in the file (gABI, "Symbol Table").
    private mutating func collect(_ symbols: [UInt8], table: Int32) {
        var reader = ByteReader(symbols.rawSpan)
        while reader.remaining >= 24 {
            guard let name = try? reader.read(UInt32.self), let info = try? reader.read(UInt8.self),
                (try? reader.skip(1)) != nil, let section = try? reader.read(UInt16.self),
                let value = try? reader.read(UInt64.self), let size = try? reader.read(UInt64.self)
            else { return }
            let kind = info & 15
            guard kind == 2 || kind == 10, section != 0, value != 0 else { continue }
            entries.append(Entry(start: value, size: size, table: table, name: name))
        }
    }

    private mutating func index(codeEnd: UInt64) {
        entries.sort { $0.start < $1.start }
        var position = 0
        while position < entries.count {
            let start = entries[position].start
            var size: UInt64 = 0
            var next = position
            while next < entries.count, entries[next].start == start {
                size = max(size, entries[next].size)
                next += 1
            }
            let limit = next < entries.count ? entries[next].start : max(start, codeEnd)
            let (end, overflow) = start.addingReportingOverflow(size)
            starts.append(start)
            ends.append(size == 0 || overflow ? limit : end)
            firstEntries.append(next)
            position = next
        }
    }

    private func name(_ entry: Entry) -> String? {
        let bytes = names[Int(entry.table)]
        var reader = ByteReader(bytes.rawSpan)
        guard (try? reader.seek(to: UInt64(entry.name))) != nil, let range = try? reader.readStringRange(),
            !range.isEmpty, range.count <= Self.nameByteLimit
        else { return nil }
        return String(decoding: bytes[range], as: UTF8.self)
    }
}

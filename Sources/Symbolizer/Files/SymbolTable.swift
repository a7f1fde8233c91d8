import CElfutils
import Primitives

/// The functions of an ELF symbol table, by address.
struct SymbolTable {
    private struct Symbol {
        var address: UInt64
        /// Where the symbol's code ends; for a symbol without a size, where the next one starts.
        var end: UInt64
        /// The highest end of this and all earlier symbols.
        var reach: UInt64
        var name: UInt32
        var table: UInt8
        var rank: UInt8
    }

    private var symbols: [Symbol] = []
    private var names: [SectionBytes] = []

    var isEmpty: Bool { symbols.isEmpty }

    /// Adds the functions of `section` (.symtab or .dynsym); call `finish` after the last. Whether there were any.
    mutating func add(_ file: ElfFile, section name: String) -> Bool {
        guard let section = file.sections.first(where: { $0.name == name }), names.count < 255 else { return false }
        let contents = file.contents(section)
        guard let strings = file.sections.first(where: { $0.index == section.link }) else { return false }
        names.append(file.contents(strings))
        let before = symbols.count
        var byIndex: [ElfFile.Section?] = []
        for section in file.sections {
            while byIndex.count <= section.index { byIndex.append(nil) }
            byIndex[section.index] = section
        }
        var reader = ByteReader(contents.bytes)
        while let entry = Self.read(&reader, is64Bit: file.is64Bit) {
            let type = entry.info & 15
            guard type == UInt8(STT_FUNC) || type == UInt8(STT_GNU_IFUNC) || type == UInt8(STT_NOTYPE),
                entry.name != 0, entry.section != 0, Int(entry.section) < byIndex.count,
                let home = byIndex[Int(entry.section)], home.isCode, entry.address >= home.address
            else { continue }
            let limit = home.address &+ home.size
            guard limit >= home.address, entry.address < limit, symbols.count < 1 << 25 else { continue }
            if type == UInt8(STT_NOTYPE), isMark(entry.name) { continue }
            let isSized = entry.size > 0
            let end = isSized ? min(limit, entry.address &+ min(entry.size, limit - entry.address)) : limit
            symbols.append(
                Symbol(
                    address: entry.address, end: end, reach: 0, name: entry.name, table: UInt8(names.count - 1),
                    rank: Self.rank(binding: entry.info >> 4, isSized: isSized, isFunction: type != 0)))
        }
        return symbols.count > before
    }

    /// Sorts the symbols and keeps the best name of each address. O(n log n).
    mutating func finish() {
        symbols.sort { ($0.address, $1.rank) < ($1.address, $0.rank) }
        var kept: [Symbol] = []
        kept.reserveCapacity(symbols.count)
        for symbol in symbols {
            guard let last = kept.last, last.address == symbol.address else {
                kept.append(symbol)
                continue
            }
            if symbol.rank == last.rank, isBetter(name(symbol), than: name(last)) {
                kept[kept.count - 1].name = symbol.name
                kept[kept.count - 1].table = symbol.table
            }
        }
        var reach: UInt64 = 0
        for index in kept.indices {
            // A symbol without a size ends where the next one starts.
            if kept[index].rank & Self.sized == 0, index + 1 < kept.count {
                kept[index].end = min(kept[index].end, kept[index + 1].address)
            }
            reach = max(reach, kept[index].end)
            kept[index].reach = reach
        }
        symbols = kept
    }

    /// The name of the function around `address`, without a symbol version; nil if there is none. O(log n).
    func name(at address: UInt64) -> String? {
        let symbol = symbol(at: address).number
        return symbol < 0 ? nil : name(ofSymbol: symbol)
    }

    /// The name of the symbol with this number, without a symbol version. O(length).
    func name(ofSymbol number: Int32) -> String {
        Self.withoutVersion(name(symbols[Int(number)]))
    }

    /// The number of the symbol around `address`, −1 if there is none, and addresses around `address` of which the same
    /// holds. O(log n).
    func symbol(at address: UInt64) -> (number: Int32, range: Range<UInt64>) {
        var low = 0
        var high = symbols.count
        while low < high {
            let middle = (low + high) / 2
            if symbols[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        // No symbol begins between the last one before the address and the first one behind it.
        let next = low < symbols.count ? symbols[low].address : UInt64.max
        var index = low - 1
        var steps = 0
        while index >= 0, symbols[index].reach > address, steps < 256 {
            if symbols[index].end > address {
                // What is passed over on the way ended before the address.
                return (Int32(clamping: index), address..<min(symbols[index].end, next))
            }
            index -= 1
            steps += 1
        }
        return (-1, address..<max(address, next))
    }

    private static let sized: UInt8 = 8

    /// As perf chooses: a size beats none, a function beats a label, global beats weak beats local.
    private static func rank(binding: UInt8, isSized: Bool, isFunction: Bool) -> UInt8 {
        var rank: UInt8 = 0
        switch Int32(binding) {
        case STB_GLOBAL, Int32(STB_GNU_UNIQUE): rank = 2
        case STB_WEAK: rank = 1
        default: break
        }
        if isFunction { rank |= 4 }
        return isSized ? rank | sized : rank
    }

    /// Fewer underscores in front, then no version, then the longer name, then the alphabet.
    private func isBetter(_ name: String, than other: String) -> Bool {
        func key(_ name: String) -> (Int, Int, Int) {
            let isMangled = name.hasPrefix("_Z") || name.hasPrefix("_R")
            let underscores = isMangled ? 0 : name.utf8.prefix { $0 == UInt8(ascii: "_") }.count
            return (underscores, name.utf8.contains(UInt8(ascii: "@")) ? 1 : 0, -name.utf8.count)
        }
        let (left, right) = (key(name), key(other))
        return left == right ? name < other : left < right
    }

    private static func withoutVersion(_ name: String) -> String {
        guard let at = name.utf8.firstIndex(of: UInt8(ascii: "@")), at != name.startIndex else { return name }
        return String(name[..<at])
    }

    private func name(_ symbol: Symbol) -> String {
        text(symbol.name, in: names[Int(symbol.table)])
    }

    /// Whether a label only marks data or instruction sets within code (`$x`, `$d.1`), or is the assembler's own.
    private func isMark(_ offset: UInt32) -> Bool {
        let section = names[names.count - 1]
        guard var reader = try? ByteReader(section.bytes, at: UInt64(offset)),
            let first = try? reader.read(UInt8.self), let second = try? reader.read(UInt8.self)
        else { return true }
        if first == UInt8(ascii: ".") { return second == UInt8(ascii: "L") }
        return first == UInt8(ascii: "$") && [UInt8(ascii: "x"), UInt8(ascii: "d"), UInt8(ascii: "a")].contains(second)
    }

    private func text(_ offset: UInt32, in section: SectionBytes) -> String {
        guard var reader = try? ByteReader(section.bytes, at: UInt64(offset)),
            let range = try? reader.readStringRange()
        else { return "" }
        return String(decodingBytes: section.bytes.extracting(range.prefix(1 << 20)))
    }

    private struct Entry {
        var name: UInt32
        var info: UInt8
        var section: UInt16
        var address: UInt64
        var size: UInt64
    }

    @_lifetime(reader: copy reader)
    private static func read(_ reader: inout ByteReader, is64Bit: Bool) -> Entry? {
        do {
            let name: UInt32 = try reader.read()
            if is64Bit {
                let info: UInt8 = try reader.read()
                try reader.skip(1)
                return Entry(
                    name: name, info: info, section: try reader.read(), address: try reader.read(),
                    size: try reader.read())
            }
            let address = UInt64(try reader.read(UInt32.self))
            let size = UInt64(try reader.read(UInt32.self))
            let info: UInt8 = try reader.read()
            try reader.skip(1)
            return Entry(name: name, info: info, section: try reader.read(), address: address, size: size)
        } catch {
            return nil
        }
    }
}

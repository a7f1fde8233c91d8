import ELF
import GoRuntimeTables
import Primitives

/// How to leave frames of Go code by the runtime's own tables, which are exact at every instruction and survive
/// stripping.
///
/// The tables of large programs have 60 MB: in memory are the list of functions, and of the rest what was met lately.
struct GoFrames {
    private let table: GoFunctionTable
    private let part: ElfPart
    private let isX86: Bool
    /// Where the list of functions is in the table.
    private let list: Range<UInt64>

    /// How much more than the list of functions is kept of what was read: rules and names are asked for once per address.
    private static let memoryLimit = 1 << 21
    /// Records, names and programs of some bytes each lie scattered over all of the table.
    private static let pieceByteCount = 1 << 12

    /// Nil when the image has no such table, or a larger one than `limit` bytes.
    init?(_ image: ElfImage, limit: Int) {
        guard image.machine == .x86_64 || image.machine == .arm64,
            let (part, address) = Self.contents(of: image, limit: limit)
        else { return nil }
        guard part.fill(0..<16), part.fill(0..<GoFunctionTable.neededByteCount(part.bytes)),
            var table = GoFunctionTable(part.bytes)
        else { return nil }
        if table.needsTextStart {
            guard let start = Self.textStart(of: image, table: address),
                let relocated = GoFunctionTable(part.bytes, textStart: start)
            else { return nil }
            table = relocated
        }
        list = table.listPlace
        guard part.fill(list) else { return nil }
        self.table = table
        self.part = part
        isX86 = image.machine == .x86_64
    }

    /// The code of the function around `address`.
    func range(around address: UInt64) -> Range<UInt64>? {
        guard let range = function(at: address)?.range else { return nil }
        return range.lowerBound.value..<range.upperBound.value
    }

    /// What kind of function is around `address`; nil if none is.
    func role(at address: UInt64) -> FunctionIndex.Role? {
        guard let function = function(at: address) else { return nil }
        let name = name(of: function)
        let role = FunctionIndex.role(ofFunction: name)
        // The runtime ends its stacks at signal handlers, but what they interrupted goes on.
        let isOutermost = function.isOutermost && !name.hasPrefix("runtime.sigtramp")
        return role == .ordinary && isOutermost ? .root : role
    }

    /// How to leave the frame at `address`; nil if the table does not say.
    func rule(at address: UInt64, isReturn: Bool) -> UnwindRule? {
        // Elsewhere the return address may still be in a register.
        guard isX86, let function = function(at: address) else { return nil }
        let name = name(of: function)
        // The kernel "calls" signal handlers so that they return there.
        if name == "runtime.sigreturn" || name.hasPrefix("runtime.sigreturn__") { return UnwindRule(.signalTrampoline) }
        guard let depth = stackDepth(of: function, at: address),
            let offset = Int32(exactly: depth &+ 8), UnwindRule.offsets.contains(Int64(offset))
        else { return nil }
        // The caller's frame pointer is saved first in every frame that has room for it.
        guard depth >= 8 else { return UnwindRule(.stackPointer, offset: offset) }
        if function.switchesStack { return UnwindRule(.goStackSwitch, offset: offset) }
        return UnwindRule(.stackPointer, offset: offset, framePointerSlot: -2)
    }

    /// Gives back what was read, if that is much. Nothing that was read before is valid then.
    private func trim() {
        guard part.filledByteCount > Self.memoryLimit + Int(clamping: list.count) else { return }
        part.empty()
        part.fill(list)
    }

    private func function(at address: UInt64) -> GoFunction? {
        trim()
        guard let record = table.recordPlace(at: FileAddress(address), in: part.bytes), part.fill(record) else {
            return nil
        }
        return table.function(at: FileAddress(address), in: part.bytes)
    }

    private func name(of function: GoFunction) -> String {
        guard part.fill(table.namePlace(of: function)) else { return "" }
        return table.name(of: function, in: part.bytes) ?? ""
    }

    private func stackDepth(of function: GoFunction, at address: UInt64) -> Int? {
        // Enough for nearly all; a program that is cut reads as one that ends. Then all that may be looked at.
        for byteCount: UInt64 in [1 << 8, 1 << 12, 1 << 18] {
            guard part.fill(table.stackProgramPlace(of: function, byteCount: byteCount)) else { return nil }
            if let depth = table.stackDepth(of: function, at: FileAddress(address), in: part.bytes) { return depth }
        }
        return nil
    }

    private static func contents(of image: ElfImage, limit: Int) -> (ElfPart, FileAddress)? {
        func part(_ section: ElfSection, from position: Int) -> (ElfPart, FileAddress)? {
            let (offset, overflow) = section.offset.value.addingReportingOverflow(UInt64(position))
            guard !overflow, !section.hasNoBytes, section.size <= UInt64(limit), section.size > UInt64(position),
                let part = ElfPart(
                    of: image, from: FileOffset(offset), byteCount: section.size - UInt64(position),
                    pieceByteCount: pieceByteCount)
            else { return nil }
            return (part, FileAddress(section.address.value &+ UInt64(position)))
        }
        for name in GoFunctionTable.sectionNames {
            guard let section = image.section(named: name), let found = part(section, from: 0) else { continue }
            return found
        }
        // To be found by its looks, for which all of the section is read once.
        guard let section = image.section(named: GoFunctionTable.joinedSectionName),
            let bytes = try? image.read(section, limit: limit),
            let position = GoFunctionTable.position(in: bytes.rawSpan)
        else { return nil }
        return part(section, from: position)
    }

    /// Where the code starts, by a relocation; the sections of relocations are read in pieces.
    private static func textStart(of image: ElfImage, table: FileAddress) -> FileAddress? {
        let place = FileAddress(table.value &+ GoFunctionTable.textStartPosition)
        let pieceByteCount: UInt64 = 24 << 11
        // SHT_RELA
        for section in image.sections where section.type == 4 && !section.hasNoBytes {
            var position: UInt64 = 0
            while position < section.size {
                let (offset, overflow) = section.offset.value.addingReportingOverflow(position)
                let count = Int(min(pieceByteCount, section.size - position))
                guard !overflow, let bytes = try? image.read(at: FileOffset(offset), count: count), !bytes.isEmpty
                else {
                    break
                }
                if let start = RelativeRelocation.value(at: place, in: bytes.rawSpan) { return start }
                position += UInt64(bytes.count)
            }
        }
        return nil
    }
}

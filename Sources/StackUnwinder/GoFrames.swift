import ELF
import GoRuntimeTables
import Primitives

/// How to leave frames of Go code by the runtime's own tables, which are exact at every instruction and survive
/// stripping.
struct GoFrames {
    private let table: GoFunctionTable
    private let bytes: [UInt8]
    private let isX86: Bool

    /// Nil when the image has no such table, or a larger one than `limit` bytes.
    init?(_ image: ElfImage, limit: Int) {
        guard image.machine == .x86_64 || image.machine == .arm64,
            let (bytes, address) = Self.contents(of: image, limit: limit),
            let table = GoFunctionTable(bytes.rawSpan)
        else { return nil }
        self.bytes = bytes
        isX86 = image.machine == .x86_64
        guard table.needsTextStart else {
            self.table = table
            return
        }
        guard let start = Self.textStart(of: image, table: address, limit: limit),
            let relocated = GoFunctionTable(bytes.rawSpan, textStart: start)
        else { return nil }
        self.table = relocated
    }

    /// The code of the function around `address`.
    func range(around address: UInt64) -> Range<UInt64>? {
        guard let range = table.function(at: FileAddress(address), in: bytes.rawSpan)?.range else { return nil }
        return range.lowerBound.value..<range.upperBound.value
    }

    /// What kind of function is around `address`; nil if none is.
    func role(at address: UInt64) -> FunctionIndex.Role? {
        guard let function = table.function(at: FileAddress(address), in: bytes.rawSpan) else { return nil }
        let name = table.name(of: function, in: bytes.rawSpan) ?? ""
        let role = FunctionIndex.role(ofFunction: name)
        // The runtime ends its stacks at signal handlers, but what they interrupted goes on.
        let isOutermost = function.isOutermost && !name.hasPrefix("runtime.sigtramp")
        return role == .ordinary && isOutermost ? .root : role
    }

    /// How to leave the frame at `address`; nil if the table does not say.
    func rule(at address: UInt64, isReturn: Bool) -> UnwindRule? {
        // Elsewhere the return address may still be in a register.
        guard isX86, let function = table.function(at: FileAddress(address), in: bytes.rawSpan) else { return nil }
        let name = table.name(of: function, in: bytes.rawSpan) ?? ""
        // The kernel "calls" signal handlers so that they return there.
        if name == "runtime.sigreturn" || name.hasPrefix("runtime.sigreturn__") { return UnwindRule(.signalTrampoline) }
        guard let depth = table.stackDepth(of: function, at: FileAddress(address), in: bytes.rawSpan),
            let offset = Int32(exactly: depth &+ 8), UnwindRule.offsets.contains(Int64(offset))
        else { return nil }
        // The caller's frame pointer is saved first in every frame that has room for it.
        guard depth >= 8 else { return UnwindRule(.stackPointer, offset: offset) }
        if function.switchesStack { return UnwindRule(.goStackSwitch, offset: offset) }
        return UnwindRule(.stackPointer, offset: offset, framePointerSlot: -2)
    }

    private static func contents(of image: ElfImage, limit: Int) -> ([UInt8], FileAddress)? {
        for name in GoFunctionTable.sectionNames {
            guard let section = image.section(named: name), let bytes = try? image.read(section, limit: limit) else {
                continue
            }
            return (bytes, section.address)
        }
        guard let section = image.section(named: GoFunctionTable.joinedSectionName),
            let bytes = try? image.read(section, limit: limit),
            let position = GoFunctionTable.position(in: bytes.rawSpan)
        else { return nil }
        return (Array(bytes[position...]), FileAddress(section.address.value &+ UInt64(position)))
    }

    private static func textStart(of image: ElfImage, table: FileAddress, limit: Int) -> FileAddress? {
        let place = FileAddress(table.value &+ GoFunctionTable.textStartPosition)
        // SHT_RELA
        for section in image.sections where section.type == 4 {
            guard let bytes = try? image.read(section, limit: limit) else { continue }
            if let start = RelativeRelocation.value(at: place, in: bytes.rawSpan) { return start }
        }
        return nil
    }
}

import CodeListing
import ELF
import FuzzKit
import Primitives

/// Disassembly of what is no code: Capstone runs in sprof itself, on the bytes of binaries that strangers built.
enum MachineCodeTarget {
    /// Any bytes give instructions that cover them, one after the other.
    static func target(_ name: String, _ machine: ElfMachine) -> FuzzTarget {
        let decoders = [false, true].compactMap { try? Disassembler(machine, intelSyntax: $0) }
        return FuzzTarget(name, seeds: seeds(), sizeLimit: 1 << 12) { bytes in
            for decoder in decoders {
                var next: UInt64 = 0x1000
                for instruction in decoder.instructions(bytes, at: FileAddress(next)) {
                    precondition(instruction.address.value == next, "instructions leave something out")
                    precondition(instruction.byteCount > 0 && !instruction.text.isEmpty, "an instruction is nothing")
                    next += UInt64(instruction.byteCount)
                }
                precondition(next == 0x1000 + UInt64(bytes.count), "instructions end too early or too late")
            }
        }
    }

    /// Pieces of this program's own code, and of nothing.
    private static func seeds() -> [[UInt8]] {
        var seeds: [[UInt8]] = [[], Array(repeating: 0, count: 64), Array(repeating: 0x66, count: 64)]
        guard let file = try? FileDescriptor(opening: "/proc/self/exe"), let copy = try? file.duplicate(),
            let image = try? ElfImage(reading: copy),
            let text = image.segments.first(where: { $0.isLoad && $0.isExecutable })
        else { return seeds }
        for piece in 0..<64 {
            let offset = text.offset.value + UInt64(piece) * 40_009
            if let bytes = try? file.read(at: FileOffset(offset), count: 256) { seeds.append(bytes) }
        }
        return seeds
    }
}

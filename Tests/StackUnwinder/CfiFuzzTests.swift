import ELF
import Glibc
import Primitives
import Testing

@testable import StackUnwinder

/// Damaged files must give answers, whatever these are: no trap, no hang.
@Suite(.enabled(if: CompiledPrograms.has("gcc"), "needs gcc"))
struct CfiFuzzTests {
    /// A file of a few functions with `.eh_frame`, its header and `.debug_frame`.
    static func sample() throws -> [UInt8] {
        let programs = try CompiledPrograms()
        let path = try programs.compile(
            UnwinderTests.program, "gcc -O2 -g -gz=none -Wl,-z,noseparate-code", name: "fuzzed")
        return try FileDescriptor(opening: path).readToEnd(limit: 1 << 20)
    }

    static func exercise(_ bytes: [UInt8], _ addresses: [UInt64]) -> Int {
        guard let image = try? ElfImage(bytes: bytes) else { return 0 }
        let module = UnwindModule(image, displayName: "fuzzed")
        var found = 0
        for address in addresses {
            if module.tableRule(at: address) != .none { found += 1 }
            if let (row, common, section) = module.row(at: address) {
                var registers = RegisterSet(machine: .x86_64)
                for number in 0..<17 { registers[number] = 0x1000 + UInt64(number) * 8 }
                let stack = [UInt8](repeating: 3, count: 256)
                unsafe stack.withUnsafeBytes { buffer in
                    let memory = unsafe StackMemory(buffer, start: 0x1000)
                    _ = try? GeneralStep.leave(
                        registers, by: row, common: common, section: section, bias: 0, memory: memory, layout: .x86_64)
                }
            }
            _ = module.rule(at: address, isReturn: address & 1 == 0)
        }
        return found
    }

    @Test func `one hundred thousand mutated files are survived`() throws {
        let bytes = try Self.sample()
        let image = try ElfImage(bytes: bytes)
        let places =
            image.sections.filter {
                [".eh_frame", ".eh_frame_hdr", ".debug_frame"].contains($0.name)
            }.map { Int($0.offset.value)..<Int($0.offset.value + $0.size) } + [0..<64, 64..<800]
        let text = try #require(image.section(named: ".text"))
        let addresses = (0..<3).map { text.address.value + $0 * text.size / 3 + 5 } + [image.entry.value, 0]
        var generator = SeededGenerator(seed: 42)
        var found = 0
        let rounds = Int(text_environment("SPROF_FUZZ_ROUNDS") ?? "") ?? 3_000
        for _ in 0..<rounds {
            var copy = bytes
            for _ in 0..<(1 + Int(generator.next() % 8)) {
                let place = places[Int(generator.next() % UInt64(places.count))]
                let offset = place.lowerBound + Int(generator.next() % UInt64(place.count))
                let interesting: [UInt8] = [0, 1, 0x7f, 0x80, 0xff, UInt8(truncatingIfNeeded: generator.next())]
                copy[offset] = interesting[Int(generator.next() % 6)]
            }
            found += Self.exercise(copy, addresses)
        }
        #expect(found > 0)
    }

    @Test func `every truncation is survived`() throws {
        let bytes = try Self.sample()
        let image = try ElfImage(bytes: bytes)
        for count in stride(from: 0, to: bytes.count, by: 61) {
            _ = Self.exercise(Array(bytes[..<count]), [image.entry.value, image.entry.value + 0x200])
        }
        for count in 0..<2_000 { _ = try? ElfImage(bytes: Array(bytes[..<count])) }
    }
}

/// The environment's value of `name`.
func text_environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
}

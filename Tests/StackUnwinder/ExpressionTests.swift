import ELF
import Primitives
import Testing

@testable import StackUnwinder

@Suite struct ExpressionTests {
    private func evaluate(_ code: [UInt8], stack: [UInt64] = [], initial: UInt64? = nil) throws -> UInt64 {
        let section = CfiSection(format: .ehFrame, bytes: code, address: 0, dataBase: 0)!
        var registers = RegisterSet(machine: .x86_64)
        registers[6] = 0x1008
        registers[7] = 0x1000
        registers[16] = 0x40_100b
        let bytes = stack.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        return try unsafe bytes.withUnsafeBytes { buffer in
            let memory = unsafe StackMemory(buffer, start: 0x1000)
            return try ExpressionEvaluator(registers: registers, memory: memory, bias: 0x10)
                .evaluate(0..<code.count, of: section, initial: initial)
        }
    }

    @Test func `the expression of linkage tables adds eight from its eleventh byte on`() throws {
        let code: [UInt8] = [0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22]
        #expect(try evaluate(code) == 0x1010)
    }

    @Test func `realigned frames read their address from the stack`() throws {
        #expect(try evaluate([0x76, 0x78, 0x06], stack: [77]) == 77)
    }

    @Test(
        arguments: [
            ([0x35, 0x33, 0x1c], 2), ([0x35, 0x33, 0x16, 0x1c], UInt64.max - 1),
            ([0x31, 0x32, 0x33, 0x17, 0x1c], UInt64.max),
            ([0x08, 200, 0x09, 0xff, 0x22], 199), ([0x3f, 0x34, 0x1d], 3), ([0x11, 0x7f, 0x19], 1),
            ([0x32, 0x12, 0x1e], 4), ([0x31, 0x28, 1, 0, 0x35, 0x37], 7), ([0x03, 1, 0, 0, 0, 0, 0, 0, 0], 0x11),
            ([0x34, 0x32, 0x14, 0x1b], 0), ([0x30, 0x20, 0x38, 0x25], 0x00ff_ffff_ffff_ffff),
        ] as [([UInt8], UInt64)])
    func `operations follow DWARF 5`(code: [UInt8], expected: UInt64) throws {
        #expect(try evaluate(code) == expected)
    }

    @Test func `what cannot be evaluated is an error and never a trap`() {
        #expect(throws: EvaluationError.unknownRegister(0)) { try evaluate([0x70, 0]) }
        #expect(throws: EvaluationError.unreadable(0x2000)) { try evaluate([0x0a, 0, 0x20, 0x06]) }
        // An endless loop, a division by zero, an empty stack, a jump out of the expression, the smallest quotient.
        for code: [UInt8] in [
            [0x2f, 0xfd, 0xff], [0x31, 0x30, 0x1b], [0x31, 0x30, 0x1d], [0x22], [], [0x2f, 9, 0], [0x2f, 0, 0x80],
            [0xe0],
            [0x15, 3],
        ] {
            #expect(throws: EvaluationError.invalid) { try evaluate(code) }
        }
        let smallest: [UInt8] = [0x0e, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x09, 0xff, 0x1b]
        #expect((try? evaluate(smallest)) == 1 << 63)
    }

    @Test func `random bytes are survived`() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<50_000 {
            let code = (0..<12).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            _ = try? evaluate(code, stack: [1, 2, 3], initial: 5)
        }
    }
}

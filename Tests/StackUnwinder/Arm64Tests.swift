import ELF
import Primitives
import Testing

@testable import StackUnwinder

/// Rules of arm64 with made-up unwind information: they need no arm64 machine.
@Suite struct Arm64Tests {
    /// stp x29, x30, [sp, #-32]!; mov x29, sp; …; ldp; ret, with a signed return address.
    private static var section: CfiSection {
        let common: [UInt8] = [
            1, 0x7a, 0x52, 0, 4, 0x78, 30, 1, 0x00, 0x0c, 31, 0,  // "zR", code 4, data -8, lr; CFA = sp + 0
        ]
        let commonBody: [UInt8] = [0, 0, 0, 0] + common
        let instructions: [UInt8] = [
            0x41, 0x2d,  // advance 4, negate_ra_state
            0x41, 0x0e, 32, 0x9d, 4, 0x9e, 3,  // advance 4: CFA = sp + 32, x29 at -32, x30 at -24
            0x41, 0x0d, 29,  // advance 4: CFA by x29
            0x44, 0xdd, 0xde, 0x0c, 31, 0,  // advance 16: restored
        ]
        func little(_ number: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
        }
        var bytes = little(commonBody.count, 4) + commonBody
        let position = bytes.count
        let body = little(position + 4, 4) + little(0x1000, 8) + little(0x100, 8) + [0] + instructions
        bytes += little(body.count, 4) + body
        return CfiSection(format: .ehFrame, bytes: bytes, address: 0x4000, dataBase: 0)!
    }

    @Test func `the return address is in the link register until it is stored`() {
        var table = CfiTable(
            section: Self.section, index: FdeIndex(scanning: Self.section, base: 0), layout: .arm64)
        let inRegister = UnwindRule(.stackPointer, offset: 0, returnSlot: UnwindRule.unchanged)
        #expect(table.rule(at: 0x1000) == inRegister)
        #expect(table.rule(at: 0x1004) == inRegister)
        #expect(table.rule(at: 0x1008) == UnwindRule(.stackPointer, offset: 32, returnSlot: -3, framePointerSlot: -4))
        #expect(table.rule(at: 0x100c) == UnwindRule(.framePointer, offset: 32, returnSlot: -3, framePointerSlot: -4))
        #expect(table.rule(at: 0x101c) == inRegister)
        #expect(table.rule(at: 0x1100) == .none)
        #expect(table.rule(at: 0xfff) == .none)
    }

    @Test func `leaving masks signatures off return addresses`() throws {
        var registers = RegisterSet(machine: .arm64)
        registers[29] = 0x7000
        registers[30] = 0x00a5_0000_0040_1234
        registers[31] = 0x7000
        registers[32] = 0x1000
        var frame = FrameState(registers, programCounter: 0x1000, stackPointer: 0x7000, layout: .arm64)
        let stack: [UInt8] = [UInt8](repeating: 0, count: 64)
        unsafe stack.withUnsafeBytes { buffer in
            let walk = StackWalk(
                layout: .arm64, memory: unsafe StackMemory(buffer, start: 0x7000), modules: ModuleTable(), spaceKey: 0,
                isWholeStack: false)
            let rule = UnwindRule(.stackPointer, offset: 0, returnSlot: UnwindRule.unchanged)
            #expect(walk.leave(&frame, by: rule) == nil)
            #expect(frame.programCounter == 0x40_1234)
            // Callers have it on the stack: the register is not theirs.
            #expect(walk.leave(&frame, by: rule) == .badFrame(Address(0x40_1234)))
        }
    }

    @Test func `perf's order of registers is DWARF's on arm64 and not on x86_64`() throws {
        func words(_ count: Int) -> [UInt8] { (0..<count).flatMap { [UInt8($0 + 1), 0, 0, 0, 0, 0, 0, 0] } }
        let arm = words(33)
        let armMask = RegisterSet.perfMask(machine: .arm64)
        let armOptional = RegisterSet(machine: .arm64, perfMask: armMask, words: arm.rawSpan)
        let armSet = try #require(armOptional)
        #expect(armSet[31] == 32)
        #expect(armSet[32] == 33)
        let x86 = words(17)
        let mask = RegisterSet.perfMask(machine: .x86_64)
        #expect(mask.nonzeroBitCount == 17)
        let optional = RegisterSet(machine: .x86_64, perfMask: mask, words: x86.rawSpan)
        let set = try #require(optional)
        #expect(set[0] == 1 && set[3] == 2 && set[2] == 3 && set[1] == 4 && set[16] == 9 && set[15] == 17)
        let short = words(16)
        let incomplete = RegisterSet(machine: .x86_64, perfMask: mask, words: short.rawSpan)
        #expect(incomplete?.known == nil)
    }

    @Test func `calls are told from other instructions`() {
        func window(_ word: UInt32) -> CodePages.Window {
            var window = CodePages.Window()
            for position in 0..<4 {
                window.bytes[CodePages.Window.before - 4 + position] = UInt8(
                    truncatingIfNeeded: word >> (8 * UInt32(position)))
            }
            window.valid = 0..<CodePages.Window.size
            return window
        }
        #expect(CodePatterns.callSite(machine: .arm64, address: 0x2004, window: window(0x97ff_ffff)) == .direct(0x1ffc))
        #expect(CodePatterns.callSite(machine: .arm64, address: 0x2004, window: window(0xd63f_0100)) == .indirect)
        #expect(CodePatterns.callSite(machine: .arm64, address: 0x2004, window: window(0xd65f_03c0)) == .none)
    }
}

import ELF
import Primitives
import Testing

@testable import StackUnwinder

/// Code made at run time: stacks lead through it by the frame pointer, and by its instructions where these tell more.
@Suite struct RuntimeCodeTests {
    /// Memory with the same code at each address that is a multiple of 0x100.
    private func memory(_ code: [UInt8]) -> RuntimeCode {
        RuntimeCode { address, count in
            (0..<count).map { index in
                let offset = Int((address.value + UInt64(index)) & 0xff)
                return offset < code.count ? code[offset] : 0xcc
            }
        }
    }

    private static let code: Range<UInt64> = 0x10_0000..<0x10_1000
    private static let stackStart: UInt64 = 0x7000

    /// The frames of a stack with these words, sampled at `counter`.
    private func frames(_ code: [UInt8], at counter: UInt64, framePointer: UInt64, _ words: [UInt64]) -> [UInt64] {
        var space = AddressSpace()
        space.map(
            range: Address(Self.code.lowerBound)..<Address(Self.code.upperBound), fileOffset: FileOffset(0),
            module: nil,
            kind: .anonymous)
        space.runtimeCode = memory(code)
        var registers = RegisterSet(machine: .x86_64)
        registers[6] = framePointer
        registers[7] = Self.stackStart
        registers[16] = counter
        var stack: [UInt8] = []
        for word in words { withUnsafeBytes(of: word) { unsafe stack.append(contentsOf: $0) } }
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        let end = unwinder.unwind(
            registers: registers, stack: stack.rawSpan, in: space, spaceID: 1, modules: ModuleTable(), into: &frames)
        #expect(end == .root)
        return (0..<frames.count).map { frames.addresses[$0].value }
    }

    /// push %rbp; mov %rsp, %rbp; call *%rdi; pop %rbp; ret
    private static let framed: [UInt8] = [0x55, 0x48, 0x89, 0xe5, 0xff, 0xd7, 0x5d, 0xc3]
    /// sub $8, %rsp; call *%rcx; add $8, %rsp; ret: how python3.12 -X perf calls its interpreter.
    private static let frameless: [UInt8] = [0x48, 0x83, 0xec, 0x08, 0xff, 0xd1, 0x48, 0x83, 0xc4, 0x08, 0xc3]

    @Test func `frame pointers lead through code without a file`() {
        // In the middle of a frame, below two others; the outermost has a frame pointer of 0.
        let words: [UInt64] = [1, 2, 0x7000 + 0x28, 0x10_0206, 3, 0, 0x10_0306]
        #expect(frames([], at: 0x10_0140, framePointer: 0x7010, words) == [0x10_0140, 0x10_0206, 0x10_0306])
    }

    @Test(
        arguments: [
            (0x10_0100, [0x10_0206, 0x7008, 0, 0x10_0306]), (0x10_0101, [0x7010, 0x10_0206, 0, 0x10_0306]),
            (0x10_0106, [0x7010, 0x10_0206, 0, 0x10_0306]), (0x10_0107, [0x10_0206, 0, 0x10_0306]),
        ] as [(UInt64, [UInt64])])
    func `the caller is there before the frame is set up and after it is gone`(counter: UInt64, words: [UInt64]) {
        // The frame pointer is the caller's still, or again.
        let framePointer = Self.stackStart + UInt64(words.count - 2) * 8
        #expect(
            frames(Self.framed, at: counter, framePointer: framePointer, words) == [counter, 0x10_0206, 0x10_0306])
    }

    @Test func `a frame without frame pointer is left by the instructions that take it down`() {
        // Called from such code, which has been called from such code; the frame pointer says nothing.
        let words: [UInt64] = [0x10_0206, 0, 0x10_0306, 0, 0]
        #expect(frames(Self.frameless, at: 0x10_010a, framePointer: 0, words) == [0x10_010a, 0x10_0206, 0x10_0306])
    }
}

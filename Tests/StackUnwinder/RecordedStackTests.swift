import Primitives
import Testing

@testable import StackUnwinder

/// What the kernel's copies of stacks look like when something is missing.
@Suite(
    .serialized, .enabled(if: CompiledPrograms.canRecord, "needs perf_event for processes of one's own"),
    .enabled(if: CompiledPrograms.has("gcc"), "needs gcc"))
struct RecordedStackTests {
    private func ends(of program: RecordedProgram) -> [StackEnd: Int] {
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        var ends: [StackEnd: Int] = [:]
        for sample in program.samples {
            var end = unwinder.unwind(
                registers: sample.registers, stack: sample.stack.rawSpan, isWholeStack: sample.isWholeStack,
                in: sample.space, spaceID: sample.spaceID, modules: program.modules, into: &frames)
            if case .truncated = end { end = .truncated(neededBytes: 0) }
            ends[end, default: 0] += 1
        }
        return ends
    }

    @Test func `a copy that ends at a page that was never touched is cut, not damaged`() throws {
        let programs = try CompiledPrograms()
        let path = try programs.compile(
            #"""
            #include <time.h>
            volatile long sink;
            __attribute__((noinline)) void work(volatile char *bytes) {
                while (clock() < CLOCKS_PER_SEC / 4) for (int i = 0; i < 10000; i++) sink += bytes[i & 63] = i;
            }
            __attribute__((noinline)) void large(void) { volatile char bytes[1 << 17]; bytes[0] = 1; work(bytes); }
            int main() { large(); return 0; }
            """#, "gcc -O2 -fno-stack-clash-protection", name: "large")
        let ends = ends(of: try RecordedProgram(path))
        #expect(ends[.truncated(neededBytes: 0), default: 0] > 20)
        // What is before and behind it.
        #expect(ends.keys.allSatisfy { $0.isComplete || $0 == .truncated(neededBytes: 0) }, "\(ends)")
    }

    @Test func `a CFA that is kept below the stack pointer is found where it was saved first`() throws {
        let programs = try CompiledPrograms()
        // As OpenSSL's SHA-512 does: the address goes along below a stack pointer that moves on, and a dispatcher jumps here.
        let path = try programs.compile(
            #"""
            #include <time.h>
            volatile long sink;
            void chosen(void);
            __asm__(
                ".text\n.globl chosen\n.type chosen, @function\nchosen:\n.cfi_startproc\ntest %rsp, %rsp\njne 1f\nret\n"
                ".cfi_endproc\n.size chosen, . - chosen\n.skip 64, 0xcc\n"
                ".type moving, @function\nmoving:\n1:\n.cfi_startproc\nmov %rsp, %rax\n.cfi_def_cfa_register 0\npush %rbx\n"
                ".cfi_offset 3, -16\nsub $256, %rsp\nmov %rax, 24(%rsp)\n"
                ".cfi_escape 0x0f, 6, 0x77, 24, 0x06, 0x23, 8, 0x96\nmov 24(%rsp), %rdi\nlea -128(%rsp), %rsp\n"
                "mov %rdi, -8(%rsp)\n.cfi_escape 0x0f, 6, 0x77, 0x78, 0x06, 0x23, 8, 0x96\n"
                "mov $20000, %ecx\n2: dec %ecx\njnz 2b\n"
                "mov -8(%rsp), %rsi\n.cfi_def_cfa 4, 8\nmov -8(%rsi), %rbx\n.cfi_restore 3\nmov %rsi, %rsp\n"
                ".cfi_def_cfa_register 7\nret\n.cfi_endproc\n.size moving, . - moving\n");
            __attribute__((noinline)) void caller(void) { for (int i = 0; i < 100; i++) chosen(); sink++; }
            int main() { while (clock() < CLOCKS_PER_SEC / 4) caller(); return 0; }
            """#, "gcc -O2 -fno-optimize-sibling-calls", name: "moving")
        let program = try RecordedProgram(path)
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        var inside = 0
        for sample in program.samples {
            let end = unwinder.unwind(
                registers: sample.registers, stack: sample.stack.rawSpan, isWholeStack: sample.isWholeStack,
                in: sample.space, spaceID: sample.spaceID, modules: program.modules, into: &frames)
            #expect(end.isComplete)
            // moving, caller, main and three of the C library.
            let isGuessed = (0..<frames.count).contains { frames.flags[$0].contains(.guessed) }
            if frames.count == 6, !isGuessed { inside += 1 }
        }
        #expect(inside > 100)
    }
}

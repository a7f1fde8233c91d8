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
}

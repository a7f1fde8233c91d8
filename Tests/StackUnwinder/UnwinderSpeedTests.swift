import ELF
import Glibc
import Primitives
import Testing

@testable import StackUnwinder

/// What a frame costs. Run with `SPROF_BENCH=1 swift test -c release -Xswiftc -enable-testing --filter UnwinderSpeed`.
@Suite(.enabled(if: text_environment("SPROF_BENCH") != nil, "set SPROF_BENCH to measure"))
struct UnwinderSpeedTests {
    /// Forty frames of several functions, with a leaf that works.
    static let program = #"""
        #include <string.h>
        volatile long sink;
        __attribute__((noinline)) long work(long n) {
            long s = 0; for (long i = 0; i < n; i++) s += i * sink; return s;
        }
        __attribute__((noinline)) long b(long n);
        __attribute__((noinline)) long a(long n) { char x[40]; memset(x, n, 40); return n ? b(n - 1) + x[3] : work(300); }
        __attribute__((noinline)) long b(long n) { long r = n ? a(n - 1) * 3 : work(200); return r + sink; }
        int main() { for (int i = 0; i < 100; i++) sink += a(36); return 0; }
        """#

    @Test func `frames cost nanoseconds`() throws {
        let programs = try CompiledPrograms()
        let helper = try programs.compile(StepOracle.helper, "gcc -O2", name: "helper")
        let deep = try programs.compile(Self.program, "gcc -O2 -fomit-frame-pointer", name: "deep")
        try measure("40 frames", helper, deep, skip: 95_000)
        let path = try programs.compile(UnwinderTests.program, "gcc -O2 -fomit-frame-pointer", name: "target")
        try measure("7 frames, a sixth of them with all registers", helper, path, skip: 92_000)
    }

    private func measure(_ name: String, _ helper: String, _ program: String, skip: Int) throws {
        var samples: [(RegisterSet, [UInt8])] = []
        let (space, modules) = try StepOracle.record(helper: helper, program: program, skip: skip, limit: 5_000) {
            registers, stack in samples.append((registers, stack))
        }
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        var best = UInt64.max
        var count = 0
        for round in 0..<20 {
            let start = Self.now()
            count = 0
            for (registers, stack) in samples {
                _ = unwinder.unwind(
                    registers: registers, stack: stack.rawSpan, in: space, spaceID: 1, modules: modules, into: &frames)
                count += frames.count
            }
            let time = Self.now() - start
            if round == 0 {
                print("\(name): first pass \(time / 1_000) us for \(samples.count) samples, \(count) frames")
            }
            best = min(best, time)
        }
        print(
            "\(name): \(best / UInt64(count)) ns/frame, \(best / UInt64(samples.count)) ns/sample, \(unwinder.counts)")
    }

    static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

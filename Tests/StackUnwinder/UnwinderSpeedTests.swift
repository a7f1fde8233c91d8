import ELF
import Glibc
import Primitives
import Testing

@testable import StackUnwinder

/// What a frame costs. Run with `SPROF_BENCH=1 swift test -c release -Xswiftc -enable-testing --filter UnwinderSpeed`.
@Suite(.enabled(if: text_environment("SPROF_BENCH") != nil, "set SPROF_BENCH to measure"))
struct UnwinderSpeedTests {
    @Test func `frames cost nanoseconds`() throws {
        let programs = try CompiledPrograms()
        let helper = try programs.compile(StepOracle.helper, "gcc -O2", name: "helper")
        let path = try programs.compile(UnwinderTests.program, "gcc -O2 -fomit-frame-pointer", name: "target")
        var samples: [(RegisterSet, [UInt8])] = []
        let (space, modules) = try StepOracle.record(helper: helper, program: path, skip: 92_000, limit: 10_000) {
            registers, stack in samples.append((registers, stack))
        }
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        var best = UInt64.max
        var count = 0
        for round in 0..<10 {
            let start = Self.now()
            count = 0
            for (registers, stack) in samples {
                _ = unwinder.unwind(
                    registers: registers, stack: stack.rawSpan, in: space, spaceID: 1, modules: modules, into: &frames)
                count += frames.count
            }
            let time = Self.now() - start
            if round == 0 { print("first pass:", time / 1_000, "us for", samples.count, "samples,", count, "frames") }
            best = min(best, time)
        }
        print(
            "warm:", Double(best) / Double(count), "ns/frame,", Double(best) / Double(samples.count), "ns/sample,",
            unwinder.counts)
    }

    static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

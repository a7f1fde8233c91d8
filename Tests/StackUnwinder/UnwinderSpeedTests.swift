import ELF
import Glibc
import Primitives
import Testing

@testable import StackUnwinder

/// What a frame costs. Run with `SPROF_BENCH=1 swift test -c release -Xswiftc -enable-testing --filter UnwinderSpeed`.
@Suite(.enabled(if: text_environment("SPROF_BENCH") != nil, "set SPROF_BENCH to measure"))
struct UnwinderSpeedTests {
    /// Programs as they run: a name, how to compile the source of `Benchmarks/completeness`, and what to run.
    static let programs: [(name: String, compiler: String?, command: String)] = [
        ("deep.cpp", "g++ -O2 -fomit-frame-pointer", "% 3"),
        ("work.cpp", "g++ -O2 -fomit-frame-pointer -pthread", "% 3"),
        ("work.c", "gcc -O2 -fomit-frame-pointer", "% 3"),
        ("work.py", nil, "/usr/bin/python3 @ 20000"),
        ("compiled.cpp", nil, "g++ -O2 -fsyntax-only @"),
    ]

    @Test func `frames cost nanoseconds`() throws {
        for program in Self.programs {
            let source = CompiledPrograms.sources + program.name
            let programs = try CompiledPrograms()
            let compiled = programs.folder + "/program"
            if let compiler = program.compiler {
                try #require(CompiledPrograms.shell("\(compiler) -o \(compiled) \(source)"))
            }
            let command = program.command.replacing("@", with: source).replacing("%", with: compiled)
            try measure(program.name, RecordedProgram(command, hertz: 1_999, limit: 5_000))
        }
    }

    /// As many samples as a ring of the recorder holds.
    private static let batch = 128

    private func measure(_ name: String, _ program: RecordedProgram) throws {
        let samples = program.samples
        let modules = program.modules
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        var best = UInt64.max
        var bestOfRing = UInt64.max
        var first: UInt64 = 0
        var count = 0
        // The stacks one after the other from main memory, since all of them together are larger than the caches.
        for round in 0..<20 {
            let start = Self.now()
            count = unwind(samples[...], modules, &unwinder, &frames)
            let time = Self.now() - start
            if round == 0 { first = time }
            best = min(best, time)
        }
        // As in a recording: written just before, by the kernel.
        for _ in 0..<5 {
            var time: UInt64 = 0
            for start in stride(from: 0, to: samples.count, by: Self.batch) {
                let written = samples[start..<min(start + Self.batch, samples.count)].map { sample in
                    var copy = sample
                    copy.stack = sample.stack.map { $0 }
                    return copy
                }
                let start = Self.now()
                _ = unwind(written[...], modules, &unwinder, &frames)
                time += Self.now() - start
            }
            bestOfRing = min(bestOfRing, time)
        }
        func costs(_ time: UInt64) -> String {
            "\(time / UInt64(count)) ns/frame, \(time / UInt64(samples.count)) ns/sample"
        }
        let perSample = Int((Double(count) / Double(samples.count)).rounded())
        print(
            "\(name): \(samples.count) samples of \(perSample) frames, first pass \(first / 1_000) us, then "
                + "\(costs(best)), just written \(costs(bestOfRing)); \(unwinder.counts)")
    }

    /// The number of frames.
    private func unwind(
        _ samples: ArraySlice<RecordedProgram.Sample>, _ modules: ModuleTable, _ unwinder: inout Unwinder,
        _ frames: inout FrameBuffer
    ) -> Int {
        var count = 0
        for sample in samples {
            _ = unwinder.unwind(
                registers: sample.registers, stack: sample.stack.rawSpan, isWholeStack: sample.isWholeStack,
                in: sample.space, spaceID: sample.spaceID, modules: modules, into: &frames)
            count += frames.count
        }
        return count
    }

    static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

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

    private func measure(_ name: String, _ program: RecordedProgram) throws {
        let samples = program.samples
        let modules = program.modules
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        var best = UInt64.max
        var first: UInt64 = 0
        var count = 0
        for round in 0..<20 {
            let start = Self.now()
            count = 0
            for sample in samples {
                _ = unwinder.unwind(
                    registers: sample.registers, stack: sample.stack.rawSpan, isWholeStack: sample.isWholeStack,
                    in: sample.space, spaceID: sample.spaceID, modules: modules, into: &frames)
                count += frames.count
            }
            let time = Self.now() - start
            if round == 0 { first = time }
            best = min(best, time)
        }
        let perSample = Double(count) / Double(samples.count)
        print(
            "\(name): \(samples.count) samples of \(Int(perSample.rounded())) frames, first pass \(first / 1_000) us, then "
                + "\(best / UInt64(count)) ns/frame, \(best / UInt64(samples.count)) ns/sample; \(unwinder.counts)")
    }

    static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

import ELF
import Primitives
import Testing

@testable import StackUnwinder

/// Recorded samples of real programs: every frame as libdw finds it.
@Suite(
    .serialized, .enabled(if: CompiledPrograms.canRecord, "needs perf_event for processes of one's own"),
    .enabled(
        if: CompiledPrograms.has("gcc") && CompiledPrograms.shell("pkg-config --exists libdw"), "needs gcc and libdw"))
struct CfiOracleTests {
    /// What the comparison of one program found.
    struct Tally: CustomStringConvertible {
        var samples = 0
        var frames = 0
        /// All frames, and how the stack ends.
        var equal = 0
        /// libdw ends at code without unwind information; so far all frames are equal.
        var beyondInformation = 0
        /// We stop at a program's entry or on a scheduler's stack of Go, libdw goes on, or knows no such stacks.
        var beyondRoot = 0
        /// The rows, and libdw with them, lead astray, and we know it: an exception is being caught, and the stack pointer is
        /// not yet the catching frame's (the step oracle has these positions one by one), or Go is on another stack, or about to
        /// return from a signal to a stack of which there is no copy.
        var corrected = 0
        var different: [String] = []

        var description: String {
            "\(samples) samples, \(frames) frames: \(equal) equal, \(beyondInformation) go on where libdw has no "
                + "information, \(beyondRoot) end before libdw, \(corrected) corrected, \(different.count) different\n"
                + different.prefix(5).joined(separator: "\n")
        }
    }

    struct Program: CustomTestStringConvertible, Sendable {
        var name: String
        /// How to compile the source of that name for `Benchmarks/completeness`, if there is one.
        var compiler: String?
        /// `@` is the source, `%` the compiled program.
        var command: String
        var testDescription: String { name }
    }

    static let programs = [
        Program(name: "work.c", compiler: "gcc -O2", command: "% 0.5"),
        Program(name: "work.cpp", compiler: "g++ -O2 -pthread", command: "% 1"),
        Program(name: "signals.c", compiler: "gcc -O2", command: "% 0.5"),
        Program(name: "clock.c", compiler: "clang -O2 -fuse-ld=lld", command: "% 0.5"),
        Program(name: "kernel.c", compiler: "gcc -O2 -static-pie", command: "% 0.5"),
        Program(name: "work.rs", compiler: "rustc -O", command: "% 1000"),
        Program(name: "work.swift", compiler: "swiftc -O", command: "% 3000"),
        Program(name: "work.py", command: "/usr/bin/python3 @ 1000"),
        Program(
            name: "work.go", compiler: "env GO111MODULE=off GOCACHE=/tmp/sprof-go-cache go build", command: "% 1000"),
        Program(name: "work.js", command: "node @ 300"),
        Program(name: "openssl", command: "openssl speed -seconds 1 -bytes 8192 sha256"),
        Program(name: "compiled.cpp", command: "g++ -O1 -fsyntax-only @"),
    ]

    @Test(arguments: programs)
    func `every frame is the one that libdw finds`(of program: Program) throws {
        let source = CompiledPrograms.sources + program.name
        let programs = try CompiledPrograms()
        let compiled = programs.folder + "/program"
        if let compiler = program.compiler {
            guard CompiledPrograms.has(String(compiler.prefix { $0 != " " })) else { return }
            try #require(CompiledPrograms.shell("\(compiler) -o \(compiled) \(source)"))
        }
        let command = program.command.replacing("@", with: source).replacing("%", with: compiled)
        guard CompiledPrograms.has(String(command.prefix { $0 != " " })) else { return }
        let recorded = try RecordedProgram(command)
        let tally = try compare(recorded, LibdwOracle.unwind(recorded, with: programs))
        print("libdw oracle:", program.name, tally)
        #expect(tally.samples > 20)
        #expect(tally.different.count == 0, "\(tally)")
    }

    func compare(_ program: RecordedProgram, _ oracle: [LibdwOracle.Stack]) throws -> Tally {
        try #require(program.samples.count == oracle.count)
        var tally = Tally()
        var unwinder = Unwinder()
        var frames = FrameBuffer()
        for (sample, expected) in zip(program.samples, oracle) {
            let end = unwinder.unwind(
                registers: sample.registers, stack: sample.stack.rawSpan, isWholeStack: sample.isWholeStack,
                in: sample.space, spaceID: sample.spaceID, modules: program.modules, into: &frames)
            let found = (0..<frames.count).map { frames.addresses[$0].value }
            tally.samples += 1
            tally.frames += found.count
            let common = zip(found, expected.addresses).prefix { $0 == $1 }.count
            let isEnd =
                switch expected.end {
                case .root: end == .root
                case .unreadable: if case .truncated = end { true } else { end == .root }
                case .noMapping, .noInformation, .invalid: !end.isComplete
                }
            if found == expected.addresses, isEnd {
                tally.equal += 1
            } else if common == expected.addresses.count, expected.end == .noInformation {
                tally.beyondInformation += 1
            } else if common == found.count, end.isComplete {
                tally.beyondRoot += 1
            } else if end.isComplete || isStackSwitch(end),
                found.prefix(common).contains(where: { leadsAstray($0, sample, program.modules) })
            {
                tally.corrected += 1
            } else if isStackSwitch(end), common == 1, found.count == 1,
                rule(at: found[0], isReturn: false, sample, program.modules) == .signalTrampoline
            {
                tally.corrected += 1
            } else {
                func name(_ addresses: [UInt64], _ index: Int) -> String {
                    addresses.indices.contains(index)
                        ? StepOracle.describe(Address(addresses[index]), sample.space, program.modules) : "nothing"
                }
                tally.different.append(
                    "from \(name(found, 0)) with \(sample.stack.count) bytes at "
                        + "\(sample.registers[7] ?? 0) and rbx \(sample.registers[3] ?? 0): frame \(common) of \(found.count) behind \(name(found, common - 1)): \(name(found, common)), by libdw "
                        + "\(name(expected.addresses, common)) of \(expected.addresses.count), ends \(end), \(expected.end)"
                )
            }
        }
        return tally
    }

    /// In the few instructions that change stacks there is nothing to find, whatever the row says.
    private func isStackSwitch(_ end: StackEnd) -> Bool {
        if case .stackSwitch = end { true } else { false }
    }

    private func leadsAstray(_ address: UInt64, _ sample: RecordedProgram.Sample, _ modules: ModuleTable) -> Bool {
        switch rule(at: address, isReturn: true, sample, modules) {
        case .exceptionUnwinder, .exceptionUnwinderByFrame, .goStackSwitch: return true
        default: return false
        }
    }

    private func rule(
        at address: UInt64, isReturn: Bool, _ sample: RecordedProgram.Sample, _ modules: ModuleTable
    ) -> UnwindRule.Kind? {
        guard let location = CodeLocation(address, in: sample.space, modules: modules) else { return nil }
        return location.module?.rule(at: location.address, isReturn: isReturn).kind
    }
}

import ELF
import Primitives
import Testing

@testable import StackUnwinder

/// Programs of every kind, unwound at every instruction.
@Suite(.serialized, .enabled(if: CompiledPrograms.has("gcc"), "needs gcc"))
struct UnwinderTests {
    /// Recursion, callbacks from libc, big and realigned frames, PLT calls, alloca, formatted output.
    static let program = #"""
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <alloca.h>
        volatile long sink;
        __attribute__((noinline)) static int compare(const void *a, const void *b) {
            return *(const int *)a - *(const int *)b;
        }
        __attribute__((noinline)) long recurse(long n) { return n <= 0 ? 1 : recurse(n - 1) * 3 + recurse(n - 2); }
        __attribute__((noinline)) long frame(int n) {
            volatile char big[2000]; big[n] = 1; return big[n] + recurse(n & 3);
        }
        __attribute__((noinline)) long aligned(int n) {
            volatile char v[64] __attribute__((aligned(64))); v[n & 63] = 2; return v[n & 63] + recurse(2);
        }
        __attribute__((noinline)) long dynamic(int n) {
            char *p = alloca(n * 16 + 16); memset(p, n, n * 16); return p[n] + recurse(1);
        }
        __attribute__((noinline)) long leaf(long a, long b) { return a * b + 7; }
        static void handler(int s) { sink += leaf(s, 3); sink += recurse(2); }
        int main(int argc, char **argv) {
            int values[40];
            for (int i = 0; i < 40; i++) values[i] = (i * 7919) % 101;
            if (argc > 1) { signal(SIGUSR1, handler); raise(SIGUSR1); }
            qsort(values, 40, sizeof *values, compare);
            for (int i = 0; i < 20; i++) sink += frame(i) + aligned(i) + dynamic(i) + leaf(i, i);
            char text[200]; snprintf(text, sizeof text, "%d %s %f", values[3], "abc", 1.5 * values[4]);
            sink += strlen(text) + atoi(text);
            puts(text);
            return 0;
        }
        """#

    struct Kind: CustomTestStringConvertible, Sendable {
        var name: String
        var command: String
        var skip = 0
        var limit = 40_000
        var arguments = ""
        /// Shares of positions that must be exact, and that may be wrong without a mark.
        var exact = 1.0
        var testDescription: String { name }
    }

    static let kinds = [
        Kind(name: "dynamic", command: "gcc -O2 -fomit-frame-pointer", limit: 200_000),
        Kind(name: "dynamic with a signal", command: "gcc -O2 -fomit-frame-pointer", skip: 90_000, arguments: "signal"),
        Kind(name: "dynamic -O0", command: "gcc -O0", skip: 90_000),
        Kind(name: "static", command: "gcc -O2 -static"),
        Kind(name: "static-pie", command: "gcc -O2 -static-pie -fPIE"),
        // The C runtime's start files have no CFI, and stripped no symbols either.
        Kind(name: "stripped", command: "gcc -O2 -s", skip: 90_000, exact: 0.999),
        Kind(
            name: "no CFI, frame pointers",
            command: "gcc -O2 -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-unwind-tables", skip: 90_000,
            exact: 0.999),
        Kind(
            name: "no CFI, no frame pointers",
            command: "gcc -O2 -fomit-frame-pointer -fno-asynchronous-unwind-tables -fno-unwind-tables", skip: 90_000,
            exact: 0.999),
        Kind(
            name: "debug_frame only",
            command: "gcc -O2 -g -gz=none -fno-asynchronous-unwind-tables -fno-unwind-tables", skip: 90_000,
            exact: 0.999),
        Kind(name: "musl, stripped and without CFI", command: "musl-gcc -O2", skip: 4_000, limit: 10_000, exact: 0),
        Kind(name: "clang with lld", command: "clang -O2 -fuse-ld=lld", skip: 90_000),
    ]

    @Test(arguments: kinds)
    func `the stack is right at every instruction`(of kind: Kind) throws {
        guard CompiledPrograms.has(String(kind.command.prefix { $0 != " " })) else { return }
        let programs = try CompiledPrograms()
        let helper = try programs.compile(StepOracle.helper, "gcc -O2", name: "helper")
        let path = try programs.compile(Self.program, kind.command, name: "target")
        let tally = try StepOracle.run(
            helper: helper, program: "\(path) \(kind.arguments)", skip: kind.skip, limit: kind.limit)
        print("step oracle:", kind.name, tally)
        #expect(tally.positions >= 10_000)
        #expect(Double(tally.exact) >= Double(tally.positions) * kind.exact, "\(tally)")
        #expect(tally.wrongUnmarked == 0 && tally.wrong * 1_000 <= tally.positions, "\(tally)")
    }

    @Test func `a cut stack gives the first frames and says that it was cut`() throws {
        let programs = try CompiledPrograms()
        let helper = try programs.compile(StepOracle.helper, "gcc -O2", name: "helper")
        let path = try programs.compile(Self.program, "gcc -O2 -fomit-frame-pointer", name: "target")
        var samples: [(RegisterSet, [UInt8])] = []
        let (space, modules) = try StepOracle.record(helper: helper, program: path, skip: 92_000, limit: 2_000) {
            registers, stack in samples.append((registers, stack))
        }
        var unwinder = Unwinder()
        var whole = FrameBuffer()
        var part = FrameBuffer()
        var generator = SeededGenerator(seed: 11)
        var truncated = 0
        for (registers, stack) in samples {
            _ = unwinder.unwind(
                registers: registers, stack: stack.rawSpan, in: space, spaceID: 1, modules: modules, into: &whole)
            let cut = Array(stack.prefix(Int(generator.next() % 512)))
            let end = unwinder.unwind(
                registers: registers, stack: cut.rawSpan, in: space, spaceID: 1, modules: modules, into: &part)
            if case .truncated(let needed) = end {
                truncated += 1
                #expect(needed > cut.count)
            } else {
                #expect(end == .root)
            }
            for position in 0..<part.count { #expect(part.addresses[position] == whole.addresses[position]) }
            // Garbage must give some answer.
            var damaged = stack
            for _ in 0..<20 where !damaged.isEmpty {
                damaged[Int(generator.next() % UInt64(damaged.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            var wild = registers
            wild[6] = generator.next()
            wild[16] = (registers[16] ?? 0) &+ generator.next() % 4_096
            _ = unwinder.unwind(
                registers: wild, stack: damaged.rawSpan, in: space, spaceID: 1, modules: modules, into: &part)
        }
        #expect(truncated > 500)
    }

    @Test(.enabled(if: CompiledPrograms.has("go"), "needs go"))
    func `goroutines end at goexit and scheduler stacks at their switch`() throws {
        let programs = try CompiledPrograms()
        let source = "package main\nimport \"fmt\"\nfunc main() { fmt.Println(1) }\n"
        let path = try programs.compile(
            source, "env GOFLAGS=-mod=mod GO111MODULE=off GOCACHE=\(programs.folder)/cache go build", name: "program",
            language: "go")
        let module = UnwindModule(try ElfImage(reading: try FileDescriptor(opening: path)), displayName: "program")
        for (name, kind) in [
            ("runtime.goexit.abi0", UnwindRule.Kind.root), ("runtime.systemstack.abi0", .schedulerRoot),
        ] {
            let line = CompiledPrograms.output("nm \(path) | grep ' \(name)$'")
            let address = try #require(UInt64(line.prefix { $0 != " " }, radix: 16))
            #expect(module.rule(at: address + 1, isReturn: true).kind == kind)
        }
    }
}

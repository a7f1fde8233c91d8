import Glibc
import Primitives
import ProfileModel
import Testing

/// Profiles of programs whose shares and call tree are known, built by different compilers in different ways.
@Suite(
    .serialized,
    .enabled(if: SprofBinary.canRecord && CompiledPrograms.has("gcc"), "needs a built sprof, perf_event_open and gcc"))
struct RecordTruthTests {
    let workspace = SprofWorkspace()
    let programs: CompiledPrograms

    init() throws {
        programs = try CompiledPrograms()
    }

    /// Compiler and options, the programs they need, and options of the recording.
    struct Build: CustomTestStringConvertible, Sendable {
        var command: String
        var tools = ["gcc"]
        var options: [String] = []

        var testDescription: String { (["\(command)"] + options).joined(separator: " ") }
        var isPossible: Bool { tools.allSatisfy { CompiledPrograms.has($0) } }
    }

    static let builds = [
        Build(command: "gcc -O2 -g"),
        Build(
            command: "gcc -O2 -fno-omit-frame-pointer", options: ["--call-graph", "fp"]),
        Build(command: "gcc -O2 -fomit-frame-pointer -fno-pie -no-pie"),
        Build(command: "clang -O2 -g", tools: ["clang"]),
        Build(command: "clang -O2 -fno-omit-frame-pointer -fuse-ld=lld", tools: ["clang", "ld.lld"]),
        Build(command: "gcc -O2 -g -gz -static-pie"),
    ]

    @Test(
        "Shares are within two points, stacks are legal paths, and totals are the account's",
        arguments: builds.filter(\.isPossible))
    func shares(build: Build) throws {
        let program = try programs.compile(KnownProgram.source, build.command, name: "known")
        let recorded = try workspace.record(["-F", "999"] + build.options + ["--", program, "2000"])
        check(recorded, skipsCallers: build.options.contains("fp"), names: recorded.names)
    }

    @Test("A static program without symbols has the same paths, found by address")
    func strippedStatic() throws {
        let program = try programs.compile(KnownProgram.source, "gcc -O2 -static -no-pie", name: "known")
        try #require(CompiledPrograms.shell("strip -o \(program).stripped \(program)"))
        let symbols = AddressNames(CompiledPrograms.output("nm --defined-only -n \(program)"))
        let recorded = try workspace.record(["-F", "999", "--", program + ".stripped", "2000"])
        #expect(recorded.functionNames.contains { $0.hasPrefix("[known.stripped+0x") })
        check(recorded) { stack in
            stack.map { symbols.name(of: recorded.profile.locations[Int($0.rawValue)].address) }
        }
    }

    /// Compares a recording of the known program with what it must be; `names` gives a stack's frames.
    private func check(_ recorded: Recorded, skipsCallers: Bool = false, names: ([LocationIndex]) -> [String]) {
        var total: Int64 = 0
        var complete: Int64 = 0
        var cumulative: [String: Int64] = [:]
        var faults: [String: Int64] = [:]
        for sample in recorded.profile.samples {
            let count = sample.values[sample.values.startIndex]
            let userPart = sample.locations.filter { !recorded.isKernel($0) }
            let stack = names(userPart)
            total += count
            for name in Set(stack) where KnownProgram.shares[name] != nil { cumulative[name, default: 0] += count }
            if let fault = KnownProgram.fault(inStack: stack, skipsCallers: skipsCallers) {
                faults["\(fault): \(stack)", default: 0] += count
            } else {
                complete += count
            }
        }
        #expect(total > 1500)
        #expect(Double(complete) >= 0.99 * Double(total), "\(complete) of \(total); \(faults)")
        for (name, share) in KnownProgram.shares {
            let found = Double(cumulative[name] ?? 0) / Double(max(1, total))
            // Clocks of CPUs meet a program that shares its CPU with others by chance: 1/√n is four standard deviations.
            #expect(
                abs(found - share) < 0.02 + 1 / Double(max(1, total)).squareRoot(),
                "\(name): \(found) in place of \(share)")
        }
        #expect(total == recorded.account["samples"])
        #expect(recorded.total(1) == recorded.account["weight"])
        // None, where the recorder gets its turn; tests beside this one may keep it from that for longer than a ring holds.
        #expect((recorded.account["lost"] ?? 0) * 20 <= (recorded.account["samples"] ?? 0))
        #expect((recorded.account["complete_stacks"] ?? 0) * 100 >= (recorded.account["user_stacks"] ?? 0) * 99)
    }

    @Test("Files with damaged debug information or headers are named from what is left, and the rest is intact")
    func damagedFiles() throws {
        let program = try programs.compile(KnownProgram.source, "gcc -O2 -g", name: "known")
        var random = SeededGenerator(seed: 3)
        for section in ["debug_info", "debug_abbrev", "debug_line", "debug_str"] {
            for fill in 0..<2 {
                let damaged = "\(program).\(section).\(fill)"
                let part = "\(programs.folder)/part"
                try #require(CompiledPrograms.shell("objcopy --dump-section .\(section)=\(part) \(program) \(damaged)"))
                let size = contents(ofSmallFile: part)?.count ?? 0
                let bytes = (0..<size).map { _ in fill == 0 ? 0xff : UInt8.random(in: 0...255, using: &random) }
                try FileDescriptor(opening: part, O_WRONLY | O_TRUNC).write(bytes.rawSpan)
                try #require(
                    CompiledPrograms.shell("objcopy --update-section .\(section)=\(part) \(program) \(damaged)"))
                let recorded = try workspace.record(["-F", "999", "--", damaged, "100"])
                let names = recorded.functionNames
                #expect(names.isSuperset(of: ["main", "burn", "half"]), "\(section): \(names)")
                #expect((recorded.account["samples"] ?? 0) > 50)
                #expect(recorded.account["complete_stacks"] == recorded.account["user_stacks"])
            }
        }
    }

    @Test("A file whose section table is gone still unwinds, and its code has addresses for names")
    func damagedHeader() throws {
        let program = try programs.compile(KnownProgram.source, "gcc -O2 -g", name: "known")
        // e_shoff, at byte 40 of the header.
        try #require(
            CompiledPrograms.shell(
                "printf '\\377\\377\\377\\177' | dd of=\(program) bs=1 seek=40 conv=notrunc 2>/dev/null"))
        let recorded = try workspace.record(["-F", "999", "--", program, "200"])
        #expect((recorded.account["samples"] ?? 0) > 100)
        #expect(recorded.functionNames.contains { $0.hasPrefix("[known+0x") || $0 == "burn" })
        #expect(recorded.account["complete_stacks"] == recorded.account["user_stacks"], "\(recorded.outcome.errors)")
    }

    @Test("A program that is deleted or replaced while it runs keeps its names")
    func replacedFile() throws {
        let program = try programs.compile(KnownProgram.source, "gcc -O2 -g", name: "known")
        let target = try RunningProcess([program, "60000"])
        let isRunning = target.reaches { text(ofSmallFile: "/proc/\(target.processID)/comm") == "known" }
        try #require(isRunning)
        for step in ["rm \(program)", "cp /bin/true \(program)"] {
            try #require(CompiledPrograms.shell(step))
            let recorded = try workspace.record(["-F", "999", "-p", "\(target.processID)", "-d", "300ms"])
            #expect(recorded.functionNames.isSuperset(of: ["main", "burn"]), "\(step): \(recorded.functionNames)")
        }
    }

    @Test("A program that was started from memory keeps its names", .enabled(if: CompiledPrograms.has("python3")))
    func memoryFile() throws {
        let program = try programs.compile(KnownProgram.source, "gcc -O2 -g", name: "known")
        let script = """
            import os
            file = os.memfd_create("loaded", 0)
            os.write(file, open("\(program)", "rb").read())
            os.execve(file, ["loaded", "300"], {})
            """
        let recorded = try workspace.record(["-F", "999", "--", "python3", "-c", script])
        #expect(recorded.functionNames.isSuperset(of: ["main", "burn", "half"]), "\(recorded.outcome.errors)")
        // What python does before it, possibly through scripts of its installation, is not looked at.
        let stacks = recorded.profile.samples.map { recorded.names(of: $0.locations.filter { !recorded.isKernel($0) }) }
        #expect(stacks.filter { $0.contains("burn") }.allSatisfy { KnownProgram.fault(inStack: $0) == nil })
    }

    @Test("A storm of short threads is sampled without a loss, each stack whole")
    func threadStorm() throws {
        let program = try programs.compile(
            """
            #include <pthread.h>
            volatile unsigned long sink;
            __attribute__((noinline)) void *work(void *a) {
                unsigned long x = 1;
                for (long i = 0; i < 4000000; i++) x = x * 6364136223846793005UL + 1;
                sink = x;
                return a;
            }
            int main(void) {
                for (int round = 0; round < 12; round++) {
                    pthread_t threads[50];
                    for (int i = 0; i < 50; i++) pthread_create(&threads[i], 0, work, 0);
                    for (int i = 0; i < 50; i++) pthread_join(threads[i], 0);
                }
            }
            """, "gcc -O2 -pthread", name: "storm")
        let recorded = try workspace.record(["-F", "999", "--", program])
        #expect(recorded.numbers(of: "tid").count > 200)
        // None, where the recorder gets its turn; tests beside this one may keep it from that for longer than a ring holds.
        #expect((recorded.account["lost"] ?? 0) * 20 <= (recorded.account["samples"] ?? 0))
        #expect((recorded.account["complete_stacks"] ?? 0) * 100 >= (recorded.account["user_stacks"] ?? 0) * 99)
        // The clock of a new thread starts anew, so that each loses half a period on the average.
        let kernel = Double(try #require(recorded.account["kernel_cpu_ns"]))
        #expect((0.7...1.05).contains(Double(recorded.total(1)) / kernel), "\(recorded.outcome.errors)")
    }

    @Test("A single thread of several is sampled alone")
    func singleThread() throws {
        let program = try programs.compile(
            """
            #include <pthread.h>
            volatile unsigned long sink;
            static void *work(void *a) { for (;;) sink++; return a; }
            int main(void) {
                pthread_t t;
                pthread_create(&t, 0, work, 0);
                pthread_setname_np(t, "worker");
                work(0);
            }
            """, "gcc -D_GNU_SOURCE -O2 -pthread", name: "pair")
        let target = try RunningProcess([program])
        var threads: [Int64] = []
        let isReady = target.reaches {
            threads = CompiledPrograms.output("ls /proc/\(target.processID)/task").split(separator: "\n")
                .compactMap { Int64($0) }
            return threads.count == 2
                && text(ofSmallFile: "/proc/\(target.processID)/task/\(threads[1])/comm") == "worker"
        }
        try #require(isReady)
        let recorded = try workspace.record(["-F", "999", "-t", "\(threads[1])", "-d", "400ms"])
        #expect(recorded.numbers(of: "tid") == [threads[1]])
        #expect(recorded.texts(of: "thread") == ["worker"])
        #expect(recorded.texts(of: "process") == ["pair"])
    }

    @Test(
        "go tool pprof opens a recording with every report without a word, and counts what sprof counted",
        .enabled(if: PprofOracle.isPresent, Comment(rawValue: PprofOracle.reason)))
    func pprof() throws {
        let program = try programs.compile(KnownProgram.source, "gcc -O2 -g", name: "known")
        let recorded = try workspace.record(["-F", "999", "--", program, "500"])
        let file = workspace.path("cpu.pb.gz")
        for report in ["-top", "-raw", "-traces", "-peek main", "-dot", "-tree", "-list burn"] {
            let result = PprofOracle.run(report, on: file)
            #expect(result.status == 0 && result.errors == "", "\(report): \(result.errors)")
            #expect(!result.output.isEmpty)
        }
        let top = PprofOracle.run("-top -unit=ns", on: file).output
        let weight = try #require(recorded.account["weight"])
        #expect(top.contains("of \(weight)ns total"), "\(top)")
        let counted = PprofOracle.run("-top -sample_index=samples", on: file).output
        let samples = try #require(recorded.account["samples"])
        #expect(counted.contains("of \(samples) total"), "\(counted)")
    }
}

/// The symbols of a program, by `nm -n`.
private struct AddressNames {
    private var symbols: [(address: UInt64, name: String)] = []

    init(_ listing: String) {
        for line in listing.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 3, "tTwWi".contains(fields[1]), let address = UInt64(fields[0], radix: 16) else {
                continue
            }
            symbols.append((address, String(fields[2])))
        }
    }

    func name(of address: Address) -> String {
        symbols.last { $0.address <= address.value }?.name ?? "?"
    }
}

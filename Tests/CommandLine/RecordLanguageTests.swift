import Glibc
import Primitives
import ProfileModel
import Testing

/// Profiles of programs in other languages than C whose shares are known, since their functions do 50 %, 30 % and 20 % of
/// the same work.
@Suite(.serialized, .enabled(if: SprofBinary.canRecord, "needs a built sprof and perf_event_open"))
struct RecordLanguageTests {
    let workspace = SprofWorkspace()
    let programs: CompiledPrograms

    init() throws {
        programs = try CompiledPrograms()
    }

    /// A program and how to build it: `SOURCE` and `PROGRAM` stand for the files.
    struct Language: CustomTestStringConvertible, Sendable {
        var tool: String
        var suffix: String
        var command: String
        var source: String

        var testDescription: String { command }
    }

    static let languages = [
        Language(
            tool: "rustc", suffix: "rs", command: "rustc -O -o PROGRAM SOURCE",
            source: """
                use std::hint::black_box;
                #[inline(never)] fn burn(n: u64) -> u64 {
                    let mut x = n;
                    for _ in 0..n { x = black_box(x.wrapping_mul(6364136223846793005).wrapping_add(1)); }
                    x
                }
                #[inline(never)] fn half(n: u64) -> u64 { burn(n * 5) ^ 1 }
                #[inline(never)] fn third(n: u64) -> u64 { burn(n * 3) ^ 2 }
                #[inline(never)] fn fifth(n: u64) -> u64 { burn(n * 2) ^ 3 }
                fn main() {
                    let mut sum = 0u64;
                    for _ in 0..40 { sum ^= half(2000000) ^ third(2000000) ^ fifth(2000000); }
                    println!("{}", sum);
                }
                """),
        Language(
            tool: "swiftc", suffix: "swift", command: "swiftc -O -o PROGRAM SOURCE",
            source: """
                nonisolated(unsafe) var sink: UInt64 = 0
                @inline(never) func burn(_ n: UInt64) -> UInt64 {
                    var x = n
                    for _ in 0..<n { x = (x &* 6364136223846793005 &+ 1) ^ (x >> 9) }
                    sink = x
                    return x
                }
                @inline(never) func half(_ n: UInt64) -> UInt64 { burn(n * 5) ^ 1 }
                @inline(never) func third(_ n: UInt64) -> UInt64 { burn(n * 3) ^ 2 }
                @inline(never) func fifth(_ n: UInt64) -> UInt64 { burn(n * 2) ^ 3 }
                var sum: UInt64 = 0
                for _ in 0..<40 { sum ^= half(2_000_000) ^ third(2_000_000) ^ fifth(2_000_000) }
                print(sum)
                """),
        Language(
            tool: "go", suffix: "go", command: "go build -o PROGRAM SOURCE", source: goSource),
        Language(
            tool: "go", suffix: "go", command: "go build -ldflags='-s -w' -o PROGRAM SOURCE", source: goSource),
    ]

    private static let goSource = """
        package main

        var sink uint64

        //go:noinline
        func burn(n uint64) uint64 {
            x := n
            for i := uint64(0); i < n; i++ { x = x*6364136223846793005 + 1; sink = x }
            return x
        }

        //go:noinline
        func half(n uint64) uint64 { return burn(n*5) ^ 1 }

        //go:noinline
        func third(n uint64) uint64 { return burn(n*3) ^ 2 }

        //go:noinline
        func fifth(n uint64) uint64 { return burn(n*2) ^ 3 }

        func main() {
            sum := uint64(0)
            for i := 0; i < 40; i++ { sum ^= half(2000000) ^ third(2000000) ^ fifth(2000000) }
            println(sum)
        }
        """

    @Test(
        "Shares are within two points and stacks are whole",
        arguments: languages.filter { CompiledPrograms.has($0.tool) })
    func shares(language: Language) throws {
        let source = "\(programs.folder)/known.\(language.suffix)"
        let program = "\(programs.folder)/known"
        try FileDescriptor(opening: source, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
            .write(Array(language.source.utf8).rawSpan)
        let command = language.command.replacing("SOURCE", with: source).replacing("PROGRAM", with: program)
        try #require(
            CompiledPrograms.shell("cd \(programs.folder) && GOCACHE=\(programs.folder)/cache \(command) 2>/dev/null"))

        let recorded = try workspace.record(["-F", "999", "--user-only", "--", program])
        let (total, cumulative) = samples(of: recorded, in: ["half", "third", "fifth", "burn"])
        try #require(total > 200)
        for (name, share) in ["half": 0.5, "third": 0.3, "fifth": 0.2] {
            let found = Double(cumulative[name] ?? 0) / Double(cumulative["burn"] ?? 1)
            #expect(
                abs(found - share) < 0.02 + 1 / Double(total).squareRoot(), "\(name): \(found) in place of \(share)")
        }
        #expect((recorded.account["complete_stacks"] ?? 0) * 100 >= (recorded.account["user_stacks"] ?? 0) * 99)
    }

    @Test("The functions of twenty shared libraries get their shares", .enabled(if: CompiledPrograms.has("gcc")))
    func sharedLibraries() throws {
        let folder = programs.folder
        var script = "cd \(folder) && "
        var calls = ""
        for number in 0..<20 {
            script += """
                printf 'volatile unsigned long s%d; void work%d(void) { for (long i = 0; i < 1000000; i++) s%d += i; }' \
                \(number) \(number) \(number) > l\(number).c && gcc -O2 -shared -fPIC -o libw\(number).so l\(number).c &&\n
                """
            calls += "work\(number)();"
        }
        script += """
            echo 'int main(void) { for (int r = 0; r < 40; r++) { \(calls) } }' > m.c &&
            gcc -O2 -w -o many m.c -L. \((0..<20).map { "-lw\($0)" }.joined(separator: " ")) -Wl,-rpath,\(folder)
            """
        try #require(CompiledPrograms.shell(script))
        let recorded = try workspace.record(["-F", "999", "--user-only", "--", "\(folder)/many"])
        let names = Set((0..<20).map { "work\($0)" })
        let (total, cumulative) = samples(of: recorded, in: names)
        try #require(total > 200)
        for name in names {
            let found = Double(cumulative[name] ?? 0) / Double(total)
            #expect(abs(found - 0.05) < 0.02 + 1 / Double(total).squareRoot(), "\(name): \(found) in place of 0.05")
        }
        #expect((recorded.account["complete_stacks"] ?? 0) * 100 >= (recorded.account["user_stacks"] ?? 0) * 99)
    }

    /// All samples, and for each of `wanted` those with a function of that name (whatever its module and arguments).
    private func samples(of recorded: Recorded, in wanted: Set<String>) -> (total: Int64, cumulative: [String: Int64]) {
        var total: Int64 = 0
        var cumulative: [String: Int64] = [:]
        for sample in recorded.profile.samples {
            let count = sample.values[sample.values.startIndex]
            total += count
            let plain = recorded.names(of: sample.locations.filter { !recorded.isKernel($0) }).map { name in
                String(name.prefix { $0 != "(" }.split(whereSeparator: { $0 == ":" || $0 == "." }).last ?? "")
            }
            for name in Set(plain) where wanted.contains(name) { cumulative[name, default: 0] += count }
        }
        return (total, cumulative)
    }
}

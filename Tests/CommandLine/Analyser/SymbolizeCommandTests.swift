import Testing

/// `sprof pprof -symbolize=…` on a profile without names, which pprof gets from binutils or LLVM, and sprof
/// from its own workers.
///
/// The pprof that Debian has is Go's, which knows no names of other languages' programs, so the names that pprof makes of linkage
/// names are written down here.
@Suite(
    .enabled(if: SprofBinary.path != nil, Comment(rawValue: SprofBinary.reason)),
    .enabled(if: CompiledPrograms.shell("which g++ llvm-symbolizer objdump >/dev/null"), "needs g++, binutils and LLVM")
)
struct SymbolizeCommandTests {
    @Test func `addresses get the functions, inlined calls and lines that LLVM finds`() throws {
        let unnamed = try UnnamedProfile()
        let raw = try unnamed.fixture.sprof("-raw -symbolize=local:demangle=none unnamed.pb.gz")
        // The locations are in the order of their addresses in the profile, each frame a line.
        let text = raw.output.split(separator: "\n").drop { $0 != "Locations" }.dropFirst()
            .prefix { $0 != "Mappings" }
        var frames: [String] = []
        for line in text {
            let words = line.split(separator: " ").filter { !$0.hasSuffix(":") && !$0.hasPrefix("0x") && $0 != "M=1" }
            guard words.count >= 2 else { continue }
            let number = words[1].split(separator: ":").dropFirst().first.map(String.init) ?? ""
            frames.append(words[0] + " " + number)
        }
        let wanted = unnamed.addresses.flatMap { address in
            (unnamed.places[address] ?? []).map { "\($0.name) \($0.line)" }
        }
        #expect(wanted.count > 40 && wanted.contains { $0.hasPrefix("mix ") })
        #expect(frames == wanted)
    }

    @Test(
        "Names are as long as the option says",
        arguments: [
            ("", ["app::Box::add", "app::plain", "c_function", "main"]),
            ("-symbolize=local", ["app::Box::add", "app::plain", "c_function", "main"]),
            ("-symbolize=fastlocal", ["app::Box::add", "app::plain", "c_function", "main"]),
            ("-symbolize=local:demangle=templates", ["app::Box<long>::add", "app::plain", "c_function", "main"]),
            (
                "-symbolize=local:demangle=full",
                ["app::Box<long>::add(long) const", "app::plain(int, char const*)", "c_function", "main"]
            ),
            ("-symbolize=demangle=none", ["_ZNK3app3BoxIlE3addEl", "_ZN3app5plainEiPKc", "c_function", "main"]),
            ("-symbolize=none", ["[prog]"]),
        ])
    func names(option: String, names: [String]) throws {
        let unnamed = try UnnamedProfile()
        let top = try unnamed.fixture.sprof("-top -noinlines \(option) unnamed.pb.gz")
        let shown = top.output.split(separator: "\n").drop { !$0.contains("cum%") }.dropFirst().map { line in
            String(
                line.drop { $0 == " " }.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true).last ?? ""
            )
            .trimmingPrefix { $0 == " " }
        }
        #expect(Set(shown.map(String.init)) == Set(names))
    }

    @Test func `names that a profile has are looked up again if that is asked for`() throws {
        let unnamed = try UnnamedProfile()
        let fixture = unnamed.fixture
        _ = try fixture.sprof("-proto -symbolize=local -output=named.pb.gz unnamed.pb.gz")
        let again = try fixture.sprof("-top -symbolize=local:demangle=full named.pb.gz")
        #expect(again.output.contains("app::Box<long>::add(long) const"))
        let kept = try fixture.sprof("-top named.pb.gz")
        #expect(kept.output.contains("app::Box::add") && !kept.output.contains("(long)"))
    }
}

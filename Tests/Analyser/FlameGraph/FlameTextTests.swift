import ProfileModel
import Testing

@testable import FlameGraph

/// Flame graphs in the terminal.
@Suite struct FlameTextTests {
    private func render(_ profile: Profile, width: Int = 60, hasColors: Bool = false) -> String {
        var options = FlameText.Options()
        options.width = width
        options.title = "program, cpu"
        options.sampleTypeIndex = 1
        options.hasColors = hasColors
        return FlameText(profile, options: options).render()
    }

    private static let stacks: [(String, Int64)] = [
        ("main;parse;read", 30), ("main;parse;decode", 20), ("main;write", 40), ("main;parse", 5), ("idle", 5),
    ]

    @Test func `each function is as wide as its share, below its caller`() {
        #expect(
            render(StackFixture.profile(Self.stacks)) == """
                program, cpu: 1s
                │all 100%
                │main 95.00%                                             │i…
                │parse 55.00%                    │write 40.00%
                │read 30.00%      │decode

                """)
    }

    @Test func `a comparison tells both shares`() {
        let profile = StackFixture.profile([("main;a", 30), ("main;b", 10)], base: [("main;a", 10), ("main;c", 30)])
        #expect(
            render(profile, width: 72) == """
                program, cpu: 400ms, before 400ms
                │all 100%>100%
                │main 100%>100%
                │a 25.00%>75.00%                    │c 75.00%>0%               │b

                """)
    }

    @Test func `no line is wider than the terminal, whatever the names`() {
        let names = [
            "名前のある関数", "e\u{301}e\u{301}", "\u{1b}[31mred", "long" + String(repeating: "g", count: 10_000), "😀",
        ]
        for width in [20, 33, 80] {
            for line in render(StackFixture.profile(names.map { ($0 + ";" + $0, 10) }), width: width).split(
                separator: "\n")
            {
                #expect(TerminalWidth.columns(of: line) <= max(width, 22), "\(line)")
                #expect(!line.contains("\u{1b}"))
            }
        }
    }

    @Test func `colours are ended on each box and change no text`() {
        let profile = StackFixture.profile(Self.stacks)
        let text = render(profile, hasColors: true)
        let starts = text.ranges(of: "\u{1b}[30;48;5;").count
        #expect(starts == 7)
        #expect(text.ranges(of: "\u{1b}[0m").count == starts)
        #expect(text.contains("parse 55.00%"))
    }

    @Test func `modules are what names, files and mappings tell`() {
        for (name, file, mapping, module) in [
            ("net/http.(*conn).serve", "/go/net/http/server.go", "server", "net/http"),
            ("runtime.mallocgc", "/go/runtime/malloc.go", "server", "runtime"),
            ("github.com/a/b/v2.Do[...]", "x.go", "server", "github.com/a/b/v2"),
            ("void std::__sort<int*>(int*, int*)", "/usr/include/c++/12/bits/stl_algo.h", "program", "std"),
            ("<core::iter::Map<I, F> as core::iter::Iterator>::next", "map.rs", "program", "core"),
            ("(anonymous namespace)::work(int)", "work.cpp", "program", "program"),
            ("main.Foo<Swift.Int>.bar(_: Swift.Int) -> Swift.String", "Foo.swift", "program", "main"),
            ("java.util.HashMap.get", "HashMap.java", "", "java.util"),
            ("memcpy", "", "libc.so.6", "libc.so.6"),
            ("helper.constprop.0", "/src/helper.c", "libx.so", "libx.so"),
            ("schedule", "", "[kernel.kallsyms]_text", "kernel"),
            ("[libfoo.so]", "", "libfoo.so", "libfoo.so"),
            ("", "", "", ""), ("::", "", "m", "m"), ("a:b", "", "m", "m"), ("...", "", "m", "m"),
        ] {
            #expect(FrameModule.name(of: name, file: file, mapping: mapping) == module, "\(name)")
        }
    }

    @Test func `narrow boxes lose return types, arguments and what stands between angle brackets`() {
        for (name, short) in [
            ("void std::sort<int*>(int*, int*)", "std::sort"),
            ("std::map<int, A<B> >::find(int const&) const", "std::map::find"),
            ("std::vector<int>::operator[](unsigned long)", "std::vector::operator[]"),
            ("A<int>::operator()(int) const", "A::operator()"), ("bool operator< <char>(X const&)", "operator<"),
            ("A::operator bool() const", "A::operator bool"), ("f(int (*)(int))", "f"), ("plain", ""),
            ("net/http.(*conn).serve", "http.(*conn).serve"), ("f(std::function<int ()> )", "f"), ("a>b", ""),
            ("<", ""),
            ("x<a->b>::y", "x::y"), ("operator", ""), ("(", ""),
        ] {
            #expect(CompactName.of(name, systemName: "") == short, "\(name)")
        }
    }
}

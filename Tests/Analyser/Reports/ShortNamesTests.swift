import Primitives
import ProfileReport
import Testing

@Suite struct ShortNamesTests {
    @Test func `the mangled name tells the language and the module`() {
        #expect(ShortNames.language(ofSystemName: "$s4main3FooV3baryS2iF") == .swift(module: "main"))
        #expect(ShortNames.language(ofSystemName: "_$sSa6appendyyxnF") == .swift(module: "Swift"))
        #expect(ShortNames.language(ofSystemName: "$s99main") == .swift(module: nil))
        #expect(ShortNames.language(ofSystemName: "_RNvCs1234_7mycrate3foo") == .rust)
        #expect(ShortNames.language(ofSystemName: "_ZN3foo3bar17h0123456789abcdefE") == .rust)
        #expect(ShortNames.language(ofSystemName: "_ZN3foo3bar17h0123456789abcdefE.llvm.17") == .rust)
        #expect(ShortNames.language(ofSystemName: "_ZN3foo3barEv") == .other)
        #expect(ShortNames.language(ofSystemName: "main.work") == .other)
        #expect(ShortNames.language(ofSystemName: "") == .other)
    }

    @Test(arguments: [
        ("main.Foo<Swift.Int>.bar(_: Swift.Int) -> Swift.String", "Foo.bar(_:)"),
        ("main.plain(Swift.Int, with: [Swift.String : Swift.Int]) throws -> ()", "plain(_:with:)"),
        (
            "closure #1 (Swift.Int) -> Swift.Bool in static main.Foo.run(at: Swift.Double) -> ()",
            "closure #1 in Foo.run(at:)"
        ),
        ("closure #2 () -> () in closure #1 () -> () in main.outer() -> ()", "closure #2 in closure #1 in outer()"),
        ("generic specialization <Swift.Int> of main.sort<A>(inout [A]) -> ()", "sort(_:)"),
        (
            "protocol witness for Swift.Sequence.next() -> A? in conformance main.Foo : Swift.Sequence in main",
            "Sequence.next()"
        ),
        ("main.Foo.count.getter : Swift.Int", "Foo.count.getter"),
        ("main.(helper in _3A1B2C)(x: Swift.Int) -> ()", "helper(x:)"),
        ("(extension in main):Swift.Array.doubled() -> [A]", "Array.doubled()"),
        ("static main.Foo.== infix(main.Foo, main.Foo) -> Swift.Bool", "Foo.== infix(_:_:)"),
        ("static Swift.Int.< infix(Swift.Int, Swift.Int) -> Swift.Bool", "Int.< infix(_:_:)"),
        ("Foo.main() [async]", "Foo.main()"), ("Foo.bar(_:label:)", "Foo.bar(_:label:)"),
        ("main.Grüße.sag(für: Swift.String) -> ()", "Grüße.sag(für:)"), ("main", "main"), ("", ""),
    ]) func `graphs show types, functions and labels of Swift`(name: String, short: String) {
        #expect(ShortNames.short(name, .swift(module: "main")) == short)
    }

    @Test func `a name of Swift loses its modules, types, generic arguments, labels and path, in this order`() {
        let name = "static main.Foo<Swift.Int>.bar(label: Swift.Int) -> Swift.String"
        #expect(
            ShortNames.forms(name, .swift(module: "main")) == [
                name, "static Foo<Int>.bar(label: Int) -> String", "Foo<Int>.bar(label:)", "Foo.bar(label:)", "Foo.bar",
                "bar",
            ])
    }

    @Test(arguments: [
        ("alloc::vec::Vec<T,A>::push", "Vec::push"), ("core::ptr::drop_in_place<std::fs::File>", "drop_in_place"),
        ("<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop", "Vec::drop"),
        ("mycrate::work::h0123456789abcdef", "work"),
        ("hashbrown::rustc_entry::<impl hashbrown::map::HashMap<K,V,S,A>>::rustc_entry", "HashMap::rustc_entry"),
        ("core::fmt::num::<impl core::fmt::Display for u32>::fmt", "u32::fmt"),
        ("std::rt::lang_start::{{closure}}", "lang_start::{{closure}}"), ("<[T]>::len", "[T]::len"),
        ("core::iter::Iterator::collect::<alloc::vec::Vec<u8>>", "Iterator::collect"), ("main", "main"), ("", ""),
    ]) func `graphs show types and functions of Rust`(name: String, short: String) {
        #expect(ShortNames.short(name, .rust) == short)
    }

    @Test func `a name of Rust loses its modules, generic arguments and path, in this order`() {
        #expect(
            ShortNames.forms("alloc::vec::Vec<alloc::string::String>::push", .rust) == [
                "alloc::vec::Vec<alloc::string::String>::push", "Vec<String>::push", "Vec::push", "push",
            ])
    }

    @Test func `other names are shortened as by pprof, and then from the left`() {
        #expect(ShortNames.forms("github.com/user/mod/v2/db.(*Pool).Get") == ["db.(*Pool).Get", "(*Pool).Get", "Get"])
        #expect(ShortNames.forms("ns::inner::Class::run<int>") == ["Class::run<int>", "run<int>"])
        #expect(ShortNames.forms("plain") == ["plain"])
        #expect(ShortNames.forms("") == [""])
    }

    @Test func `no text can make shortening fail`() {
        for piece in ["(", "a/", "static ", ".", "<a", "a::", " in "] {
            let name = String(repeating: piece, count: 20_000)
            for language in [.swift(module: "a"), .rust, .other] as [ShortNames.Language] {
                #expect(ShortNames.forms(name, language).count <= 24)
            }
        }
        var random = SeededGenerator(seed: 7)
        let pieces = [
            "(", ")", "<", ">", "[", "]", "::", ".", " in ", " -> ", " as ", "a", "Foo", "h0123456789abcdef", ": ",
            ", ", "ß", "#", "{", "}", "static ", " specialization <", " of ",
        ]
        for _ in 0..<1000 {
            let name = (0..<random.below(14)).map { _ in random.element(pieces) }.joined()
            for language in [.swift(module: "a"), .rust, .other] as [ShortNames.Language] {
                #expect(!ShortNames.forms(name, language).isEmpty)
                _ = ShortNames.short(name, language)
            }
        }
    }
}

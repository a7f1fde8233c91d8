import Primitives
import Testing

@testable import Symbolizer

@Suite struct DemanglingTests {
    @Test(arguments: [
        ("$s4main4leafyS2iF", "leaf(_:)"), ("_$s4main4leafyS2iF", "leaf(_:)"), ("$S4main4leafyS2iF", "leaf(_:)"),
        ("$s4main5outerSiyYaFTY0_", "outer()"), ("$s4main5outerSiyYaFTQ1_", "outer()"),
    ])
    func `names of Swift come out readable by the system's demangler`(name: String, readable: String) {
        #expect(demangle(name) == readable)
        #expect(demangle(name, usingSystemDemanglers: false) == nil)
    }

    @Test(arguments: [
        ("_ZN3foo3barEi", "foo::bar(int)"), ("__ZN3foo3barEi", "foo::bar(int)"),
        ("_ZNSt6vectorIiSaIiEE9push_backEOi", "std::vector<int, std::allocator<int> >::push_back(int&&)"),
    ])
    func `names of C++ come out readable without the system's demangler`(name: String, readable: String) {
        #expect(demangle(name) == readable)
        #expect(demangle(name, usingSystemDemanglers: false) == readable)
    }

    @Test func `one demangler makes many names readable, and one that fails leaves nothing behind`() {
        var demangler = Demangler()
        for _ in 0..<2 {
            #expect(demangler.demangle("_ZN3foo3barEi") == "foo::bar(int)")
            #expect(demangler.demangle("_ZN3foo3barIT_EE") == nil)
            #expect(demangler.demangle("_ZNK1AcvPT_IcEEv.cold") == "A::operator char*<char>() const")
            #expect(demangler.demangle("_RNvC4main3foo") == "main::foo")
        }
    }

    @Test(arguments: [
        "main", "", "_", "_Z", "_R", "$s", "_T0", "_ZZZZ", "_ZN", "_RNv", "$sBAD!", "foo.bar", "main.main.func1",
        "foo@plt", "__libc_start_main", ".part.0",
    ])
    func `a name that is not mangled has no readable form`(name: String) {
        #expect(demangle(name) == nil)
    }

    @Test(arguments: [
        ("foo.isra.0", "foo"), ("foo.constprop.12.isra.0", "foo"), ("foo.part.0.cold", "foo"),
        ("foo.lto_priv.3", "foo"),
        ("foo.actor", "foo"), ("_Z1fv.resume", "f()"), ("foo.llvm.1234567890ABCDEF", "foo"),
        ("memcpy@@GLIBC_2.14", "memcpy"), ("memcpy@GLIBC_2.2.5", "memcpy"),
        ("_ZN3foo3barEi.isra.0.cold", "foo::bar(int)"), ("_ZN3foo3barEi@@V1", "foo::bar(int)"),
        ("_RNvC4main3foo.cold", "main::foo"), ("_RNvC4main3foo.llvm.12AB", "main::foo"),
    ])
    func `marks of copies and parts of a function and versions are dropped`(name: String, readable: String) {
        #expect(demangle(name) == readable)
    }

    @Test(arguments: [
        ("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt"),
        (
            "_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17h930b740aa94f1d3aE",
            "<Test + 'static as foo::Bar<Test>>::bar"
        ),
        ("_ZN16_$LT$T$u3b$N$GT$3foo17h0123456789abcdefE", "<T;N>::foo"),
        ("_ZN8$RF$testfoo17h0123456789abcdefE", nil),
        ("_ZN3foo3bar17h0123456789abcdeXE", "foo::bar::h0123456789abcdeX"),
    ])
    func `legacy Rust names lose their hash and their escapes`(name: String, readable: String?) {
        #expect(demangle(name) == readable)
    }

    @Test func `a name longer than the limit is left as it is`() {
        let path = String(repeating: "1a", count: 40_000)
        #expect(demangle("_ZN" + path + "Ev") == nil)
        #expect(demangle("$s" + path) == nil)
        #expect(demangle("_RNvC" + path) == nil)
    }

    @Test(arguments: [
        "_ZN3foo3barEi.isra.0", "_RNvMs0_NtCs1234_7mycrate3fooNtB5_3Bar3baz", "_ZN3foo3bar17h0123456789abcdefE",
        "$s4main5outerSiyYaFTY0_",
    ])
    func `every prefix of a name and many mutations of it end in a string or nil`(name: String) {
        let bytes = Array(name.utf8)
        for count in bytes.indices { _ = demangle(String(decoding: bytes[..<count], as: UTF8.self)) }
        var random = SeededGenerator(seed: 7)
        for _ in 0..<3000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                changed[Int.random(in: 2..<bytes.count, using: &random)] = UInt8.random(in: 0x20...0x7e, using: &random)
            }
            _ = demangle(String(decoding: changed, as: UTF8.self))
        }
    }
}

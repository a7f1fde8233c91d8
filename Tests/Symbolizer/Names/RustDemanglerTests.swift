import Testing

@testable import Symbolizer

/// Expected texts: what Rust's own backtraces print, and `c++filt -i -s rust` where it knows the production.
@Suite struct RustDemanglerTests {
    @Test(arguments: [
        ("_RNvC6_123foo3bar", "123foo::bar"),
        ("_RNvCs1234_7mycrate3foo", "mycrate::foo"),
        ("_RNvMs0_NtCs1234_7mycrate3fooNtB5_3Bar3baz", "<mycrate::foo::Bar>::baz"),
        ("_RNvXCs1234_7mycrateNtB2_3BarNtB2_5Trait3baz", "<mycrate::Bar as mycrate::Trait>::baz"),
        ("_RNvYNtCs1_1a1BNtB4_1C1d", "<a::B as a::C>::d"),
        ("_RNCNvC4main3foo0", "main::foo::{closure#0}"),
        ("_RNCNvC4main3foos_0", "main::foo::{closure#1}"),
        ("_RNSNvC4main3foo6vtable0", nil),
        ("_RNSNvC4main3foos_6vtable", "main::foo::{shim:vtable#1}"),
        ("_RINvC4main3fooylE", "main::foo::<u64, i32>"),
        ("_RINvC4main3fooRLeE", nil),
        ("_RINvC4main3fooReE", "main::foo::<&str>"),
        ("_RINvC4main3fooQShE", "main::foo::<&mut [u8]>"),
        ("_RINvC4main3fooAhj8_E", "main::foo::<[u8; 8]>"),
        ("_RINvC4main3fooPhOaE", "main::foo::<*const u8, *mut i8>"),
        ("_RINvC4main3fooTEThETahEE", "main::foo::<(), (u8,), (i8, u8)>"),
        ("_RINvC4main3fooFUKCjEuE", "main::foo::<unsafe extern \"C\" fn(usize)>"),
        ("_RINvC4main3fooFK8c_unwindElE", "main::foo::<extern \"c-unwind\" fn() -> i32>"),
        ("_RINvC4main3fooFG_RL0_hEuE", "main::foo::<for<'a> fn(&'a u8)>"),
        ("_RINvC4main3fooDNtC1a1TEL_E", "main::foo::<dyn a::T>"),
        ("_RINvC4main3fooDINtC1a1ThEp4Itemlp1OaEL_E", "main::foo::<dyn a::T<u8, Item = i32, O = i8>>"),
        ("_RINvC4main3fooDNtC1a1TNtC1b4SendEL_E", "main::foo::<dyn a::T + b::Send>"),
        ("_RINvC4main3fooL_E", "main::foo::<'_>"),
        ("_RINvC4main3fooKj7b_E", "main::foo::<123>"),
        ("_RINvC4main3fooKln7b_E", "main::foo::<-123>"),
        ("_RINvC4main3fooKb1_Kb0_E", "main::foo::<true, false>"),
        ("_RINvC4main3fooKc41_Kca_Kc27_E", "main::foo::<'A', '\\n', '\\''>"),
        ("_RINvC4main3fooKo123456789abcdef01_E", "main::foo::<0x123456789abcdef01>"),
        ("_RINvC4main3fooKpE", "main::foo::<_>"),
        ("_RINvC4main3fooKRe616263_E", "main::foo::<\"abc\">"),
        ("_RINvC4main3fooKe22_E", "main::foo::<{*\"\\\"\"}>"),
        ("_RINvC4main3fooKRAh1_h2_EE", "main::foo::<{&[1, 2]}>"),
        ("_RINvC4main3fooKTh1_EE", "main::foo::<{(1,)}>"),
        ("_RINvC4main3fooKVNtC1a1SS1xh1_1yh2_EE", "main::foo::<{a::S { x: 1, y: 2 }}>"),
        ("_RINvC4main3fooKVNtC1a4SomeTh1_EE", "main::foo::<{a::Some(1)}>"),
        ("_RINvC4main3fooKVNtC1a4NoneUE", "main::foo::<{a::None}>"),
        ("_RNvC4mainu8gdel_5qa", "main::gödel"),
        ("_RNvNtNtCs1_11utf8_idents9japaneseu30____7hkackfecea1cbdathfdh9hlq6y", nil),
        ("_RNvCs1_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y", "utf8_idents::საჭმელად_გემრიელი_სადილი"),
        ("_RNvC4main3fooC5other", "main::foo"),
        ("_RNvC4main3foo$x", "main::foo"),
        ("RNvC4main3foo", nil), ("_RNvC4main3foo!", nil), ("_R0NvC4main3foo", nil), ("_RB_", nil), ("_RNvB_3foo", nil),
    ])
    func `each production gives its text`(name: String, readable: String?) {
        #expect(demangle(name) == readable)
    }

    @Test func `back-references that grow without end stop at the limits`() {
        // Each tuple names the one before it twice: 2^60 types in the last.
        var name = "_RINvC1a1b"
        var previous = "h"
        for _ in 0..<60 {
            let start = name.utf8.count - 2
            name += "T" + previous + previous + "E"
            previous = "B" + base62(start)
        }
        #expect(demangle(name + "E") == nil)
    }

    @Test func `nesting deeper than the limit is refused without a crash`() {
        #expect(demangle("_RINvC1a1b" + String(repeating: "R", count: 60_000) + "hE") == nil)
        #expect(demangle("_RINvC1a1bK" + String(repeating: "R", count: 60_000) + "h1_E") == nil)
        #expect(demangle("_R" + String(repeating: "Nv", count: 30_000) + "C1a") == nil)
        #expect(demangle("_RINvC1a1bFGzzzzzzzz_EuE") == nil)
    }

    private func base62(_ value: Int) -> String {
        guard value > 0 else { return "_" }
        let digits = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        var rest = value - 1
        var text = ""
        repeat {
            text = String(digits[rest % 62]) + text
            rest /= 62
        } while rest > 0
        return text + "_"
    }
}

import ProfileModel
import ProfileTransform
import Testing

@testable import ProfileFetch

/// The names that functions get, at each length.
@Suite struct DisplayNamesTests {
    @Test(
        "Of Rust's generics the brackets stay, as pprof has it",
        arguments: [
            ("alloc::vec::Vec::<u8>::push", "alloc::vec::Vec::<>::push"),
            ("<alloc::vec::Vec<u8> as core::ops::Drop>::drop", "<alloc::vec::Vec<> as core::ops::Drop>::drop"),
            ("core::ptr::drop_in_place::<fn(u8) -> alloc::vec::Vec<u8>>", "core::ptr::drop_in_place::<>"),
            ("f::<{closure#0}>::g::<Option<Vec<i32>>>", "f::<>::g::<>"), ("<[T]>::sort", "<[T]>::sort"),
            ("main::run", "main::run"), ("a<b", "a<"), (">", ">"), ("", ""),
        ])
    func rust(name: String, short: String) {
        #expect(RustGenerics.removed(from: name) == short)
    }

    @Test(
        "A C++ name keeps the arguments of its templates if that is asked for",
        arguments: [
            (
                "std::vector<int, std::allocator<int> >::push_back(int const&)",
                "std::vector<int, std::allocator<int> >::push_back"
            ),
            ("int add<int>(int, int)", "add<int>"), ("A& A::operator<< <int>(int)", "A::operator<< <int>"),
            (
                "foo::bar(int) const::{lambda(int)#1}::operator()(int) const",
                "foo::bar() const::{lambda(int)#1}::operator()"
            ),
            ("vtable for Foo<int>", "vtable for Foo<int>"),
        ])
    func templates(name: String, short: String) {
        #expect(PlainFunctionName.shortened(name, keepsTemplates: true) == short)
    }

    @Test(
        "The names of a profile are those that the option asks for",
        arguments: [
            (SymbolizationMode.Demangling.simplified, false, ["f", "g<int>()", "Foo::x", "kept"]),
            (.simplified, true, ["f", "g", "Foo::x", "kept"]),
            (.templates, true, ["f<int>", "g<int>", "Foo<int>::x", "kept"]),
            (.full, true, ["f<int>(int)", "g<int>()", "Foo<int>::x(int)", "kept"]),
            (.none, true, ["_Z1fIiEvi", "_Z1gIiEvv", "", "kept"]),
        ])
    func modes(demangling: SymbolizationMode.Demangling, isForced: Bool, names: [String]) {
        var profile = Profile(sampleTypes: [("cpu", "nanoseconds")])
        // Only a linkage name; one that was made readable before; one that looks readable; one without a linkage name.
        for (name, systemName) in [
            ("_Z1fIiEvi", "_Z1fIiEvi"), ("g<int>()", "_Z1gIiEvv"), ("", "Foo<int>::x(int)"), ("kept", ""),
        ] {
            _ = profile.addFunction(name: name, systemName: systemName, file: "", startLine: 0)
        }
        // What a demangler would say, without which no process is needed here.
        let readable = ["_Z1fIiEvi": "void f<int>(int) [clone .cold]", "_Z1gIiEvv": "void g<int>()"]
        DisplayNames(demangling: demangling, isForced: isForced) { _ in readable }.apply(to: &profile)
        let shown = profile.functions.map { profile.string($0.name).replacing("void ", with: "") }
        #expect(shown == names)
    }
}

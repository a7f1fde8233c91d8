import Testing

@testable import ProfileFetch

@Suite struct PlainFunctionNameTests {
    @Test(
        "A C++ name loses what pprof leaves out of it",
        arguments: [
            ("foo::bar(int)", "foo::bar"),
            ("std::vector<int, std::allocator<int> >::push_back(int const&)", "std::vector::push_back"),
            ("std::function<void (int)>::operator()(int) const", "std::function::operator()"),
            ("(anonymous namespace)::work(std::string const&)", "(anonymous namespace)::work"),
            ("main::{lambda(int)#1}::operator()(int) const", "main::{lambda(int)#1}::operator()"),
            ("foo::bar(int) const::{lambda()#2}::operator()() const", "foo::bar() const::{lambda()#2}::operator()"),
            ("foo::bar(int)::x", "foo::bar()::x"), ("A& A::operator<< <int>(int)", "A::operator<<"),
            ("A::operator<(A const&)", "A::operator<"), ("A::operator bool()", "A::operator bool"),
            ("A::operator unsigned long() const", "A::operator unsigned long"),
            ("operator delete(void*)", "operator delete"),
            ("int add<int>(int, int)", "add"), ("vtable for Foo<int>", "vtable for Foo"), ("Foo::~Foo()", "Foo::~Foo"),
            ("non-virtual thunk to Foo::bar(int)", "non-virtual thunk to Foo::bar()"),
            ("A::operator->()", "A::operator->"),
            ("std::enable_if<true, bool>::type std::operator==<char>(char, char)", "std::operator=="),
            ("decltype (a->b) f<A>(A)", "f"), ("foo::bar() [clone .cold]", "foo::bar"),
            ("my_operator(int)", "my_operator"),
            ("A::operator[](int)", "A::operator[]"), ("foo::bar[abi:cxx11](int)", "foo::bar[abi:cxx11]"),
            ("plain", "plain"),
        ])
    func names(name: String, short: String) {
        #expect(PlainFunctionName.shortened(name) == short)
    }

    @Test(
        "What is no name still ends",
        arguments: ["", "(", "<", "{", ")>}", "operator", "((((", "a<b", "::", "-> ", "vtable for "])
    func strangers(text: String) {
        #expect(PlainFunctionName.shortened(text).utf8.count <= text.utf8.count + 2)
    }
}

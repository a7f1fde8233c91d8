import Testing

@testable import Symbolizer

@Suite struct StandardTypeNamesTests {
    @Test("Strings and streams of the C++ library bear the names that programs use")
    func aliases() throws {
        let mangled = "_ZN4Book4findERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE"
        let full = try #require(demangle(mangled))
        #expect(StandardTypeNames.shorten(full) == "Book::find(std::string const&)")
        #expect(
            StandardTypeNames.shorten("std::basic_ostream<char, std::char_traits<char> >& f()") == "std::ostream& f()")
    }

    @Test func `no space is left between a short name and the bracket behind it`() {
        let string = "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >"
        let pair = "std::pair<std::basic_string_view<char, std::char_traits<char> >, \(string) >"
        #expect(
            StandardTypeNames.shorten("f(std::vector<\(pair), \(string) > const&)")
                == "f(std::vector<std::pair<std::string_view, std::string>, std::string> const&)")
        #expect(StandardTypeNames.shorten("std::vector<\(string), A<int> >") == "std::vector<std::string, A<int> >")
    }

    @Test("Other strings, and the members of string itself, stay told apart")
    func others() {
        let wide = "std::__cxx11::basic_string<wchar_t, std::char_traits<wchar_t>, std::allocator<wchar_t> >"
        #expect(StandardTypeNames.shorten(wide) == wide)
        #expect(
            StandardTypeNames.shorten(
                "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::append(char const*)")
                == "std::string::append(char const*)")
    }

    @Test func `a name is found wherever it stands`() {
        let string = "std::basic_string_view<char, std::char_traits<char> >"
        for count in 0..<40 {
            let front = String(repeating: "b_", count: count)
            #expect(StandardTypeNames.shorten(front + string) == front + "std::string_view")
            #expect(StandardTypeNames.shorten(front + string + front) == front + "std::string_view" + front)
            #expect(StandardTypeNames.shorten(front + "basic") == front + "basic")
        }
    }
}

/// Writes the types of the C++ library that everyone knows by a short name in that name.
///
/// `std::string` is an alias: a mangled name only has what it stands for, 67 characters of it, often several times.
enum StandardTypeNames {
    /// What libstdc++ and libc++ demangle to, and the names of the standard (ISO C++ 2020, [string.syn], [iosfwd.syn]);
    /// longer ones first where one contains another.
    private static let aliases = [
        (
            "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string"
        ),
        ("std::__1::basic_string<char, std::__1::char_traits<char>, std::__1::allocator<char> >", "std::string"),
        ("std::basic_string_view<char, std::char_traits<char> >", "std::string_view"),
        ("std::basic_ostream<char, std::char_traits<char> >", "std::ostream"),
        ("std::basic_istream<char, std::char_traits<char> >", "std::istream"),
        ("std::__cxx11::basic_string<char>", "std::string"),
    ]

    /// `name` with the aliases in place of what they stand for. O(length) for each alias.
    static func shorten(_ name: String) -> String {
        guard name.contains("basic_") else { return name }
        var result = name
        for (full, short) in aliases { result = result.replacing(full, with: short) }
        return result
    }
}

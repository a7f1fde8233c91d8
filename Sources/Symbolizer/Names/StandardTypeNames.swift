/// Writes the types of the C++ library that everyone knows by a short name in that name.
///
/// `std::string` is an alias: a mangled name only has what it stands for, 67 characters of it, often several times.
enum StandardTypeNames {
    /// What libstdc++ and libc++ demangle to, and the names of the standard (ISO C++ 2020, [string.syn], [iosfwd.syn]), each
    /// without the `std::` in front of both; longer ones first where one starts like another.
    private static let aliases: [(full: [UInt8], short: [UInt8])] = [
        ("__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >", "string"),
        ("__1::basic_string<char, std::__1::char_traits<char>, std::__1::allocator<char> >", "string"),
        ("basic_string_view<char, std::char_traits<char> >", "string_view"),
        ("basic_ostream<char, std::char_traits<char> >", "ostream"),
        ("basic_istream<char, std::char_traits<char> >", "istream"),
        ("__cxx11::basic_string<char>", "string"),
    ].map { (Array($0.utf8), Array($1.utf8)) }

    private static let prefix = Array("std::".utf8)

    /// `name` with the aliases in place of what they stand for. O(length), on bytes: searching text by characters took
    /// four times as long as demangling it (measured on names of 200 bytes).
    static func shorten(_ name: String) -> String {
        var name = name
        return name.withUTF8 { text in
            // The string keeps its bytes alive and unchanged meanwhile.
            shorten(unsafe Span<UInt8>(_unsafeElements: text))
        } ?? name
    }

    /// Nil if there is nothing to replace.
    private static func shorten(_ name: Span<UInt8>) -> String? {
        var result: [UInt8] = []
        var copied = 0
        var index = 0
        while index + prefix.count < name.count {
            guard name[index] == prefix[0], matches(prefix, name, at: index) else {
                index += 1
                continue
            }
            index += prefix.count
            guard let alias = aliases.first(where: { matches($0.full, name, at: index) }) else { continue }
            for position in copied..<index { result.append(name[position]) }
            result += alias.short
            index += alias.full.count
            copied = index
        }
        if copied == 0 { return nil }
        for position in copied..<name.count { result.append(name[position]) }
        return String(decoding: result, as: UTF8.self)
    }

    private static func matches(_ word: [UInt8], _ name: Span<UInt8>, at start: Int) -> Bool {
        guard word.count <= name.count - start else { return false }
        for offset in word.indices where word[offset] != name[start + offset] { return false }
        return true
    }
}

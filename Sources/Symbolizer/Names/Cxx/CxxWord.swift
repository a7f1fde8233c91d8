/// Texts in names that are not in the mangled name.
enum CxxWord: Int32 {
    case std, auto, decltypeAuto, anonymousNamespace, stringLiteral
    /// Abbreviations, as names.
    case allocator, basicString, string, istream, ostream, iostream
    /// What is abbreviated in full, in front of constructors.
    case fullString, fullIstream, fullOstream, fullIostream
    /// The names of the constructors.
    case allocatorName, basicStringName, basicIstreamName, basicOstreamName, basicIostreamName

    var text: StaticString {
        switch self {
        case .std: "std"
        case .auto: "auto"
        case .decltypeAuto: "decltype(auto)"
        case .anonymousNamespace: "(anonymous namespace)"
        case .stringLiteral: "string literal"
        case .allocator: "std::allocator"
        case .basicString: "std::basic_string"
        case .string: "std::string"
        case .istream: "std::istream"
        case .ostream: "std::ostream"
        case .iostream: "std::iostream"
        case .fullString: "std::basic_string<char, std::char_traits<char>, std::allocator<char> >"
        case .fullIstream: "std::basic_istream<char, std::char_traits<char> >"
        case .fullOstream: "std::basic_ostream<char, std::char_traits<char> >"
        case .fullIostream: "std::basic_iostream<char, std::char_traits<char> >"
        case .allocatorName: "allocator"
        case .basicStringName: "basic_string"
        case .basicIstreamName: "basic_istream"
        case .basicOstreamName: "basic_ostream"
        case .basicIostreamName: "basic_iostream"
        }
    }
}

/// An abbreviation `S` + letter: how it is written, how in front of a constructor or destructor, and what that is called.
struct CxxAbbreviation {
    let short: CxxWord
    let full: CxxWord
    let constructor: CxxWord

    init?(_ letter: UInt8) {
        switch Unicode.Scalar(letter) {
        case "a": (short, full, constructor) = (.allocator, .allocator, .allocatorName)
        case "b": (short, full, constructor) = (.basicString, .basicString, .basicStringName)
        case "s": (short, full, constructor) = (.string, .fullString, .basicStringName)
        case "i": (short, full, constructor) = (.istream, .fullIstream, .basicIstreamName)
        case "o": (short, full, constructor) = (.ostream, .fullOstream, .basicOstreamName)
        case "d": (short, full, constructor) = (.iostream, .fullIostream, .basicIostreamName)
        default: return nil
        }
    }
}

/// The fundamental types (Itanium C++ ABI, 5.1.5.2).
enum CxxBuiltin {
    /// What is added to the second letter of a type that starts with `D`.
    static let extended: Int32 = 256

    /// The text of the type with that number; nil if there is none.
    static func text(_ number: Int32) -> StaticString? {
        if number >= extended { return extendedText(UInt8(truncatingIfNeeded: number)) }
        return switch Unicode.Scalar(UInt8(truncatingIfNeeded: number)) {
        case "a": "signed char"
        case "b": "bool"
        case "c": "char"
        case "d": "double"
        case "e": "long double"
        case "f": "float"
        case "g": "__float128"
        case "h": "unsigned char"
        case "i": "int"
        case "j": "unsigned int"
        case "l": "long"
        case "m": "unsigned long"
        case "n": "__int128"
        case "o": "unsigned __int128"
        case "s": "short"
        case "t": "unsigned short"
        case "v": "void"
        case "w": "wchar_t"
        case "x": "long long"
        case "y": "unsigned long long"
        case "z": "..."
        default: nil
        }
    }

    private static func extendedText(_ letter: UInt8) -> StaticString? {
        switch Unicode.Scalar(letter) {
        case "d": "decimal64"
        case "e": "decimal128"
        case "f": "decimal32"
        case "h": "half"
        case "i": "char32_t"
        case "n": "decltype(nullptr)"
        case "s": "char16_t"
        case "u": "char8_t"
        default: nil
        }
    }

    /// What follows an integer literal of that type; nil if the type is written in front instead.
    static func literalSuffix(_ number: Int32) -> StaticString? {
        guard number < extended else { return nil }
        return switch Unicode.Scalar(UInt8(truncatingIfNeeded: number)) {
        case "i": ""
        case "j": "u"
        case "l": "l"
        case "m": "ul"
        case "x": "ll"
        case "y": "ull"
        default: nil
        }
    }

    /// Whether the bits of a literal of that type are written in brackets.
    static func isFloatingPoint(_ number: Int32) -> Bool {
        if number == extended + Int32(UInt8(ascii: "h")) { return true }
        return number >= Int32(UInt8(ascii: "d")) && number <= Int32(UInt8(ascii: "g"))
    }
}

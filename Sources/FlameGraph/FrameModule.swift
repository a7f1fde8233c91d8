/// What a function belongs to, for its colour: the package, module, crate or outermost namespace that its name tells,
/// else the file that it is mapped from.
///
/// Names follow the languages' customs, not their grammars: a wrong guess is a wrong colour and nothing more.
enum FrameModule {
    /// The module of a function called `name`.
    ///
    /// - Parameters:
    ///   - file: The source file, or empty.
    ///   - mapping: The base name of the mapped file, or empty.
    static func name(of name: String, file: String, mapping: String) -> String {
        if mapping.hasPrefix("[kernel") || mapping.hasSuffix(".ko") { return "kernel" }
        // C has no modules; dots in its names are the compiler's.
        if name.hasPrefix("[") || isC(file) { return mapping }
        let text = Array(name.utf8)
        let end = endOfPath(text)
        return outermostNamespace(text[..<end]) ?? package(text[..<end]) ?? mapping
    }

    private static func isC(_ file: String) -> Bool {
        file.hasSuffix(".c") || file.hasSuffix(".S") || file.hasSuffix(".s")
    }

    /// Where the name's path ends: before its arguments and those of its type.
    private static func endOfPath(_ text: [UInt8]) -> Int {
        // `<core::iter::Map<I, F> as Iterator>::next` starts with a type, `(anonymous namespace)::f` with a remark.
        guard let first = text.first, first != UInt8(ascii: "<"), first != UInt8(ascii: "(") else { return text.count }
        return text.firstIndex { $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "[") }
            ?? text.count
    }

    /// `std` of `void std::sort`, `core` of `<core::iter::Map<I, F>>::next`.
    private static func outermostNamespace(_ text: ArraySlice<UInt8>) -> String? {
        var start = text.startIndex
        for position in text.indices {
            switch text[position] {
            case UInt8(ascii: ":"):
                guard position > start, position + 1 < text.endIndex, text[position + 1] == UInt8(ascii: ":") else {
                    return nil
                }
                return String(decoding: text[start..<position], as: UTF8.self)
            case UInt8(ascii: " "), UInt8(ascii: "<"), UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "("):
                start = position + 1
            case UInt8(ascii: ")"), UInt8(ascii: ","): return nil
            default: break
            }
        }
        return nil
    }

    /// `net/http` of `net/http.(*Server).Serve`, `java.util` of `java.util.HashMap.get`, `main` of `main.Foo.bar`.
    private static func package(_ text: ArraySlice<UInt8>) -> String? {
        let name = text.drop { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }
        guard !name.contains(UInt8(ascii: " ")) else { return nil }
        let directory = name.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? name.startIndex
        let parts = name[directory...].split(separator: UInt8(ascii: "."))
        // A method of a Go type, `http.(*conn).serve`, was cut behind its dot.
        guard parts.count > 1 || name.last == UInt8(ascii: "."), let first = parts.first else { return nil }
        var end = first.endIndex
        // A lower-case word before the last is a package too, unless the directory was told already, as in Go.
        if directory == name.startIndex {
            for part in parts.dropFirst().dropLast() {
                guard let letter = part.first, letter >= UInt8(ascii: "a"), letter <= UInt8(ascii: "z") else { break }
                end = part.endIndex
            }
        }
        return String(decoding: name[..<end], as: UTF8.self)
    }
}

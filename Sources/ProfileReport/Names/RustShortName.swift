/// Shorter forms of the demangled names of Rust functions.
///
/// A path's first components are modules, in lower case; types may be written as `<Type as Trait>`. Facts: rust-lang/rust
/// RFC 2603 (symbol names v0), and `rustc-demangle` for the older ones, which may end in `::h` and 16 digits.
enum RustShortName {
    /// Without modules and the hash: `Vec<T>::push`.
    static func withoutModules(_ name: String) -> String { shorten(name, keepsGenerics: true) }

    /// Without generic arguments and traits, too: `Vec::push`.
    static func withoutGenerics(_ name: String) -> String { shorten(name, keepsGenerics: false) }

    /// The last component, and the function that a closure is in: `push`, `run::{{closure}}`.
    static func last(_ name: String) -> String {
        let text = NameText(withoutGenerics(name))
        let places = text.places(of: "::", in: text.bytes.indices)
        for place in places.reversed() where !text.has("{", at: min(place + 2, text.bytes.count)) {
            return text.string(place + 2..<text.bytes.count)
        }
        return text.string(text.bytes.indices)
    }

    private static func shorten(_ name: String, keepsGenerics: Bool) -> String {
        let text = NameText(name)
        return shorten(text, 0..<endWithoutHash(text), keepsGenerics)
    }

    private static func endWithoutHash(_ text: NameText) -> Int {
        let end = text.bytes.count
        guard end > 19, text.has("::h", at: end - 19) else { return end }
        let isHash = text.bytes[(end - 16)...].allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        return isHash ? end - 19 : end
    }

    private static func shorten(_ text: NameText, _ range: Range<Int>, _ keepsGenerics: Bool) -> String {
        var result = ""
        var position = range.lowerBound
        while position < range.upperBound {
            if text.bytes[position] == UInt8(ascii: "<"), text.opens(position) {
                let close = text.closing(position, in: range)
                let inner = position + 1..<max(position + 1, close)
                let isArguments =
                    position > range.lowerBound
                    && (text.isIdentifier(at: position - 1) || text.has("::", at: position - 2))
                position = min(close + 1, range.upperBound)
                if text.has("impl ", at: inner.lowerBound), inner.count > 5 {
                    // `path::<impl Trait for Type>::method`: where the block stands says nothing of the type.
                    let type = inner.lowerBound + 5..<inner.upperBound
                    let start = text.places(of: " for ", in: type).first.map { $0 + 5 } ?? type.lowerBound
                    result = String(result[..<pathStart(result)])
                    result += shorten(text, min(start, type.upperBound)..<type.upperBound, keepsGenerics)
                } else if keepsGenerics {
                    result += "<" + shorten(text, inner, true) + ">"
                } else if !isArguments {
                    let type = text.places(of: " as ", in: inner).first ?? inner.upperBound
                    result += shorten(text, inner.lowerBound..<type, false)
                } else if result.hasSuffix("::") {
                    result.removeLast(2)
                }
                continue
            }
            guard text.isIdentifier(at: position) else {
                result += text.string(position..<position + 1)
                position += 1
                continue
            }
            let isPathStart = position == range.lowerBound || text.bytes[position - 1] != UInt8(ascii: ":")
            var end = text.identifierEnd(position)
            while isPathStart, end + 2 < range.upperBound, text.has("::", at: end), text.isIdentifier(at: end + 2),
                isModule(text, position..<end)
            {
                position = end + 2
                end = text.identifierEnd(position)
            }
            end = min(end, range.upperBound)
            result += text.string(position..<end)
            position = end
        }
        return result
    }

    /// Where the path begins that `text` ends in.
    private static func pathStart(_ text: String) -> String.Index {
        let length = text.utf8.reversed().prefix { NameText.isIdentifier($0) || $0 == UInt8(ascii: ":") }.count
        return text.utf8.index(text.utf8.endIndex, offsetBy: -length)
    }

    private static func isModule(_ text: NameText, _ range: Range<Int>) -> Bool {
        text.bytes[range].allSatisfy { !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }
}

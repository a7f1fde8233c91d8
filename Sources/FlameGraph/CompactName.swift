import ProfileReport

/// The shortest form of a function's name that still tells it from its neighbours, for boxes with little room.
enum CompactName {
    /// The short form; empty if it is the name itself.
    static func of(_ name: String, systemName: String) -> String {
        let language = ShortNames.language(ofSystemName: systemName)
        var short = ShortNames.short(name, language)
        if case .other = language { short = withoutArguments(short) }
        return short == name ? "" : short
    }

    /// A C++ name without its return type, its arguments, and what stands in `<…>`: `void std::sort<int*>(int*)` becomes
    /// `std::sort`. A name whose signs do not pair stays.
    private static func withoutArguments(_ name: String) -> String {
        let text = Array(name.utf8)
        guard text.contains(UInt8(ascii: "<")) || text.contains(UInt8(ascii: "(")) else { return name }
        var kept: [UInt8] = []
        var depth = 0
        var position = 0
        while position < text.count {
            let byte = text[position]
            if depth == 0, text[position...].starts(with: operatorName), kept.isEmpty || kept.last == UInt8(ascii: ":")
            {
                return String(decoding: kept + operatorSign(text[position...]), as: UTF8.self)
            }
            position += 1
            switch byte {
            case UInt8(ascii: "<"): depth += 1
            case UInt8(ascii: "("):
                // `(anonymous namespace)::f` and `(*Type).method` start with what tells them apart.
                if depth == 0 { return kept.isEmpty || kept.last == UInt8(ascii: ".") ? name : string(kept) }
                depth += 1
            case UInt8(ascii: ">"), UInt8(ascii: ")"):
                if position > 1, text[position - 2] == UInt8(ascii: "-") { continue }
                depth -= 1
                if depth < 0 { return name }
            case UInt8(ascii: " "):
                // What stands before a space outside of all signs is the type that comes back.
                if depth == 0 { kept = [] }
            default:
                if depth == 0 { kept.append(byte) }
            }
        }
        return depth == 0 && !kept.isEmpty ? string(kept) : name
    }

    private static let operatorName = Array("operator".utf8)

    /// `operator[]` of `operator[](int)`, `operator<<` of `operator<< <char>(…)`, `operator bool` of `operator bool()`.
    private static func operatorSign(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let sign = text.dropFirst(operatorName.count)
        if sign.starts(with: "()".utf8) { return text.prefix(operatorName.count + 2) }
        let isSign = sign.first.map { "<>=!+-*/%^&|~[],".utf8.contains($0) } ?? false
        let rest = isSign ? sign.drop { "<>=!+-*/%^&|~[],".utf8.contains($0) } : sign.drop { $0 != UInt8(ascii: "(") }
        return text[..<rest.startIndex]
    }

    private static func string(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// Shorter forms of the names of functions, for boxes that have little room.
public enum ShortNames {
    /// Which rules shorten a name.
    public enum Language: Sendable, Hashable {
        /// Swift, with the module that the function is from, if its mangled name says so.
        case swift(module: String?)
        case rust
        /// Go, Java, C++ and whatever else, told apart by the name itself, as pprof does.
        case other
    }

    /// The language of a function by its mangled name.
    public static func language(ofSystemName name: String) -> Language {
        if let mangled = swiftMangling(name) { return .swift(module: module(mangled)) }
        if name.hasPrefix("_R") || name.hasPrefix("_ZN") && hasRustHash(name) { return .rust }
        return .other
    }

    /// The longest name that the rules of Swift and Rust are applied to, which look at each bracket's content; and the most
    /// forms of a name. Names come from files, and may be of any length.
    private static let (longestName, mostForms) = (4096, 24)

    /// The short form that graphs show: of Swift `Type.method(label:)`, of Rust `Type::method`, of others what pprof
    /// shows.
    public static func short(_ name: String, _ language: Language = .other) -> String {
        switch name.utf8.count > longestName ? .other : language {
        case .swift(let module): SwiftShortName(name, module: module).text(.labels)
        case .rust: RustShortName.withoutGenerics(name)
        case .other: PprofShortName.short(name)
        }
    }

    /// Ever shorter forms of a name, the longest first; there is at least one, and at most 24.
    ///
    /// Swift and Rust begin with the whole name and end with the last component; others begin with the short form, as
    /// pprof's flame graph does (google/pprof `internal/report/shortnames.go`).
    public static func forms(_ name: String, _ language: Language = .other) -> [String] {
        let all: [String]
        switch name.utf8.count > longestName ? .other : language {
        case .swift(let module):
            let short = SwiftShortName(name, module: module)
            all = [name] + SwiftShortName.Detail.allCases.map(short.text)
        case .rust:
            all = [
                name, RustShortName.withoutModules(name), RustShortName.withoutGenerics(name), RustShortName.last(name),
            ]
        case .other: all = suffixes(PprofShortName.short(name))
        }
        var forms: [String] = []
        for form in all where !form.isEmpty && form.utf8.count < forms.last?.utf8.count ?? .max { forms.append(form) }
        return forms.isEmpty ? [name] : forms
    }

    /// The name and what follows each `::` or `.` of it.
    private static func suffixes(_ name: String) -> [String] {
        let text = Array(name.utf8)
        var result = [name]
        var position = 0
        while position < text.count, result.count < mostForms {
            let isColons = text[position...].starts(with: "::".utf8)
            guard isColons || text[position] == UInt8(ascii: ".") else {
                position += 1
                continue
            }
            position += isColons ? 2 : 1
            if position < text.count { result.append(String(decoding: text[position...], as: UTF8.self)) }
        }
        return result
    }

    /// What follows the prefix of Swift's mangling; nil if the name has none.
    private static func swiftMangling(_ name: String) -> Substring? {
        for prefix in ["$s", "_$s", "$S", "_$S"] where name.hasPrefix(prefix) { return name.dropFirst(prefix.count) }
        return nil
    }

    /// The module that a mangled name begins with: its length and itself, or a letter for the standard library.
    private static func module(_ mangled: Substring) -> String? {
        if mangled.hasPrefix("S") || mangled.hasPrefix("s") { return "Swift" }
        let digits = mangled.prefix { $0.isASCII && $0.isNumber }
        guard let length = Int(digits), length > 0, length <= mangled.count - digits.count else { return nil }
        return String(mangled.dropFirst(digits.count).prefix(length))
    }

    /// Whether an older mangled name of Rust, which is otherwise one of C++, ends in `17h`, 16 digits and `E`, before what
    /// LLVM adds to copies: `.llvm.123`.
    private static func hasRustHash(_ name: String) -> Bool {
        let end = Array(name.utf8.prefix { $0 != UInt8(ascii: ".") }.suffix(20))
        guard end.count == 20, end.starts(with: "17h".utf8), end[19] == UInt8(ascii: "E") else { return false }
        return end[3..<19].allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
    }
}

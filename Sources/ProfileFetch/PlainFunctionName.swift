/// C++ names without what pprof leaves out of them: parameters, arguments of templates, and what a function returns.
///
/// pprof leaves it out of the parsed name (github.com/ianlancetaylor/demangle with `NoParams`, `NoEnclosingParams` and
/// `NoTemplateParams`); here it is cut out of the text, as libstdc++ writes it.
struct PlainFunctionName {
    private var text: ArraySlice<UInt8>
    private var kept: [UInt8] = []
    /// Spaces belong to the name: `operator unsigned long`.
    private var isConversion = false
    private let keepsTemplates: Bool

    /// What stands before the name of the thing that it is about.
    private static let introductions = [
        "vtable for ", "VTT for ", "typeinfo for ", "typeinfo name for ", "guard variable for ",
        "construction vtable for ",
        "non-virtual thunk to ", "virtual thunk to ", "covariant return thunk to ", "TLS init function for ",
        "TLS wrapper function for ", "reference temporary for ",
    ]

    /// The symbols of operators, longer ones before those that they begin with.
    private static let operators = [
        "<=>", "<<=", ">>=", "->*", "&&", "||", "<<", ">>", "<=", ">=", "==", "!=", "+=", "-=", "*=", "/=", "%=", "^=",
        "&=",
        "|=", "++", "--", "->", "[]", "<", ">", "=", "!", "+", "-", "*", "/", "%", "^", "&", "|", "~", ",",
    ]

    /// The short form of `name`, which is a C++ name with parameters.
    ///
    /// - Parameter keepsTemplates: Whether the arguments of templates stay.
    static func shortened(_ name: String, keepsTemplates: Bool = false) -> String {
        if let introduction = introductions.first(where: name.hasPrefix) {
            let rest = shortened(String(name.dropFirst(introduction.count)), keepsTemplates: keepsTemplates)
            // As pprof has it: of a thunk, only the parameters go.
            return introduction + rest + (introduction.contains("thunk") ? "()" : "")
        }
        var parser = PlainFunctionName(text: Array(name.utf8)[...], keepsTemplates: keepsTemplates)
        parser.run()
        return parser.kept.isEmpty ? name : String(decoding: parser.kept, as: UTF8.self)
    }

    private init(text: ArraySlice<UInt8>, keepsTemplates: Bool) {
        self.text = text
        self.keepsTemplates = keepsTemplates
    }

    private mutating func run() {
        while let byte = text.first {
            if startsWord("operator") {
                takeOperator()
            } else if starts("(anonymous namespace)") {
                take("(anonymous namespace)".utf8.count)
            } else if byte == UInt8(ascii: "{") {
                take(groupLength("{", "}"))
            } else if byte == UInt8(ascii: "<") {
                let length = groupLength("<", ">")
                if keepsTemplates { kept += text.prefix(length) }
                text = text.dropFirst(length)
            } else if byte == UInt8(ascii: "(") {
                text = text.dropFirst(groupLength("(", ")"))
                guard takeQualifiers() else { return }
            } else if byte == UInt8(ascii: " "), !isConversion {
                // What was read is what the function returns.
                kept = []
                text = text.dropFirst()
            } else {
                take(1)
            }
        }
    }

    /// Reads `const` and the like behind parameters; whether the name goes on. Of a function that something is local to,
    /// they stay, with empty parentheses.
    private mutating func takeQualifiers() -> Bool {
        isConversion = false
        var qualifiers = "()"
        while !starts("::") {
            guard let word = [" const", " volatile", " &&", " &", " noexcept"].first(where: starts) else {
                // A return type may end in a parenthesis: decltype (…) name.
                return text.first == UInt8(ascii: " ") && !starts(" [") && qualifiers == "()"
            }
            qualifiers += word
            text = text.dropFirst(word.utf8.count)
        }
        kept += qualifiers.utf8
        return true
    }

    private mutating func takeOperator() {
        take("operator".utf8.count)
        if starts("()") { return take(2) }
        if text.first == UInt8(ascii: " ") {
            isConversion = true
            return
        }
        if let symbol = Self.operators.first(where: starts) { take(symbol.utf8.count) }
        // `operator<< <int>`, of which the space separates the operator from the arguments.
        if starts(" <") { keepsTemplates ? take(1) : (text = text.dropFirst()) }
    }

    private mutating func take(_ count: Int) {
        kept += text.prefix(count)
        text = text.dropFirst(count)
    }

    private func starts(_ prefix: String) -> Bool { text.starts(with: prefix.utf8) }

    /// Whether `word` comes next, and is no part of a longer one.
    private func startsWord(_ word: String) -> Bool {
        guard starts(word), kept.last.map(Self.isPartOfWord) != true else { return false }
        return text.dropFirst(word.utf8.count).first.map(Self.isPartOfWord) != true
    }

    private static func isPartOfWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "$"): true
        default: byte >= 0x80
        }
    }

    /// The length of the group that begins here; to the end of the text if it is not closed.
    private func groupLength(_ open: Unicode.Scalar, _ close: Unicode.Scalar) -> Int {
        let (open, close) = (UInt8(ascii: open), UInt8(ascii: close))
        var depth = 0
        var previous: UInt8 = 0
        for (offset, byte) in text.enumerated() {
            // The arrow of a member access is no bracket.
            if byte == open { depth += 1 } else if byte == close, previous != UInt8(ascii: "-") { depth -= 1 }
            if depth == 0 { return offset + 1 }
            previous = byte
        }
        return text.count
    }
}

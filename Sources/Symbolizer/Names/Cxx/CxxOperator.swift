/// An operator as names and expressions have it (Itanium C++ ABI, 5.1.3.3): two letters, how it is written, and how many
/// operands it takes in an expression.
struct CxxOperator {
    let text: StaticString
    let operandCount: Int

    /// The number that stands for the two letters.
    @inline(__always)
    static func code(_ first: UInt8, _ second: UInt8) -> UInt16 {
        UInt16(first) << 8 | UInt16(second)
    }

    /// The number that stands for a text of two letters.
    @inline(__always)
    static func code(_ letters: StaticString) -> UInt16 {
        unsafe code(letters.utf8Start[0], letters.utf8Start[1])
    }

    private init(_ text: StaticString, _ operandCount: Int) {
        self.text = text
        self.operandCount = operandCount
    }

    /// Nil if there is no such operator.
    init?(_ code: UInt16) {
        let known =
            switch Unicode.Scalar(UInt8(truncatingIfNeeded: code >> 8)) {
            case "a"..."d": Self.fromA(code)
            case "e"..."l": Self.fromE(code)
            case "m"..."o": Self.fromM(code)
            default: Self.fromP(code)
            }
        guard let known else { return nil }
        self = known
    }

    private static func fromA(_ code: UInt16) -> CxxOperator? {
        switch code {
        case Self.code("aN"): CxxOperator("&=", 2)
        case Self.code("aS"): CxxOperator("=", 2)
        case Self.code("aa"): CxxOperator("&&", 2)
        case Self.code("ad"): CxxOperator("&", 1)
        case Self.code("an"): CxxOperator("&", 2)
        case Self.code("at"), Self.code("az"): CxxOperator("alignof ", 1)
        case Self.code("aw"): CxxOperator("co_await ", 1)
        case Self.code("cc"): CxxOperator("const_cast", 2)
        case Self.code("cl"): CxxOperator("()", 2)
        case Self.code("cm"): CxxOperator(",", 2)
        case Self.code("co"): CxxOperator("~", 1)
        case Self.code("dV"): CxxOperator("/=", 2)
        case Self.code("da"): CxxOperator("delete[] ", 1)
        case Self.code("dc"): CxxOperator("dynamic_cast", 2)
        case Self.code("de"): CxxOperator("*", 1)
        case Self.code("dl"): CxxOperator("delete ", 1)
        case Self.code("ds"): CxxOperator(".*", 2)
        case Self.code("dt"): CxxOperator(".", 2)
        case Self.code("dv"): CxxOperator("/", 2)
        default: nil
        }
    }

    private static func fromE(_ code: UInt16) -> CxxOperator? {
        switch code {
        case Self.code("eO"): CxxOperator("^=", 2)
        case Self.code("eo"): CxxOperator("^", 2)
        case Self.code("eq"): CxxOperator("==", 2)
        case Self.code("fL"), Self.code("fR"): CxxOperator("...", 3)
        case Self.code("fl"), Self.code("fr"): CxxOperator("...", 2)
        case Self.code("ge"): CxxOperator(">=", 2)
        case Self.code("gs"): CxxOperator("::", 1)
        case Self.code("gt"): CxxOperator(">", 2)
        case Self.code("ix"): CxxOperator("[]", 2)
        case Self.code("lS"): CxxOperator("<<=", 2)
        case Self.code("le"): CxxOperator("<=", 2)
        case Self.code("li"): CxxOperator("operator\"\" ", 1)
        case Self.code("ls"): CxxOperator("<<", 2)
        case Self.code("lt"): CxxOperator("<", 2)
        default: nil
        }
    }

    private static func fromM(_ code: UInt16) -> CxxOperator? {
        switch code {
        case Self.code("mI"): CxxOperator("-=", 2)
        case Self.code("mL"): CxxOperator("*=", 2)
        case Self.code("mi"): CxxOperator("-", 2)
        case Self.code("ml"): CxxOperator("*", 2)
        case Self.code("mm"): CxxOperator("--", 1)
        case Self.code("na"): CxxOperator("new[]", 3)
        case Self.code("ne"): CxxOperator("!=", 2)
        case Self.code("ng"): CxxOperator("-", 1)
        case Self.code("nt"): CxxOperator("!", 1)
        case Self.code("nw"): CxxOperator("new", 3)
        case Self.code("oR"): CxxOperator("|=", 2)
        case Self.code("oo"): CxxOperator("||", 2)
        case Self.code("or"): CxxOperator("|", 2)
        default: nil
        }
    }

    private static func fromP(_ code: UInt16) -> CxxOperator? {
        switch code {
        case Self.code("pL"): CxxOperator("+=", 2)
        case Self.code("pl"): CxxOperator("+", 2)
        case Self.code("pm"): CxxOperator("->*", 2)
        case Self.code("pp"): CxxOperator("++", 1)
        case Self.code("ps"): CxxOperator("+", 1)
        case Self.code("pt"): CxxOperator("->", 2)
        case Self.code("qu"): CxxOperator("?", 3)
        case Self.code("rM"): CxxOperator("%=", 2)
        case Self.code("rS"): CxxOperator(">>=", 2)
        case Self.code("rc"): CxxOperator("reinterpret_cast", 2)
        case Self.code("rm"): CxxOperator("%", 2)
        case Self.code("rs"): CxxOperator(">>", 2)
        case Self.code("sP"), Self.code("sZ"): CxxOperator("sizeof...", 1)
        case Self.code("sc"): CxxOperator("static_cast", 2)
        case Self.code("ss"): CxxOperator("<=>", 2)
        case Self.code("st"), Self.code("sz"): CxxOperator("sizeof ", 1)
        case Self.code("tr"): CxxOperator("throw", 0)
        case Self.code("tw"): CxxOperator("throw ", 1)
        default: nil
        }
    }
}

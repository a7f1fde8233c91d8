import Glibc

/// Numbers and truth values as pprof reads and prints them: by Go's package `strconv`, or for options of the shell by
/// pprof's own list of words.
enum GoNumber {
    /// A whole number in decimal digits, as `strconv.Atoi` reads it.
    static func integer(_ text: String) throws(OptionError) -> Int {
        let digits =
            text.utf8.first.map { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") } == true
            ? text.utf8.dropFirst() : text.utf8[...]
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .notANumber(function: "Atoi", text: text, problem: "invalid syntax")
        }
        guard let value = Int(text) else {
            throw .notANumber(function: "Atoi", text: text, problem: "value out of range")
        }
        return value
    }

    /// A whole number as the package `flag` takes it: also hexadecimal (0x), octal (0o, 0) and binary (0b).
    static func flagInteger(_ text: String) throws(FlagValueError) -> Int {
        var digits = Substring(text)
        var isNegative = false
        if let sign = digits.first, sign == "-" || sign == "+" {
            isNegative = sign == "-"
            digits.removeFirst()
        }
        var radix = 10
        let lowered = digits.lowercased()
        for (prefix, base) in [("0x", 16), ("0o", 8), ("0b", 2)] where lowered.hasPrefix(prefix) {
            radix = base
            digits = digits.dropFirst(2)
        }
        if radix == 10, digits.utf8.count > 1, digits.hasPrefix("0") {
            radix = 8
            digits = digits.dropFirst()
        }
        guard hasUnderscoresBetweenDigits(text) else { throw .syntax }
        digits.removeAll { $0 == "_" }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ isDigit($0, radix: radix) }) else { throw .syntax }
        guard let value = Int((isNegative ? "-" : "") + digits, radix: radix) else { throw .range }
        return value
    }

    /// A number as `strconv.ParseFloat` reads it.
    static func number(_ text: String) throws(OptionError) -> Double {
        guard let value = parse(text) else {
            throw .notANumber(function: "ParseFloat", text: text, problem: "invalid syntax")
        }
        if value.isInfinite, !text.lowercased().contains("inf") {
            throw .notANumber(function: "ParseFloat", text: text, problem: "value out of range")
        }
        return value
    }

    /// A number as the package `flag` takes it.
    static func flagNumber(_ text: String) throws(FlagValueError) -> Double {
        guard let value = parse(text) else { throw .syntax }
        if value.isInfinite, !text.lowercased().contains("inf") { throw .range }
        return value
    }

    /// A truth value in the words of pprof's shell, in which an empty text is true.
    static func truth(_ text: String) throws(OptionError) -> Bool {
        switch text.lowercased() {
        case "true", "t", "yes", "y", "1", "": return true
        case "false", "f", "no", "n", "0": return false
        default: throw .notATruthValue(text)
        }
    }

    /// A truth value in the words of `strconv.ParseBool`; nil for others.
    static func strictTruth(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }

    /// The shortest text that reads back as `value`, as Go prints it: with an exponent below 1e-4, and from seven digits
    /// before the point on, however many there are behind it (`strconv.FormatFloat` with the format `g` and precision -1).
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        // Swift's own text is the shortest too; only the place of the point differs.
        var mantissa = value.magnitude.description.lowercased()
        var exponent = 0
        if let mark = mantissa.firstIndex(of: "e") {
            exponent = Int(mantissa[mantissa.index(after: mark)...]) ?? 0
            mantissa = String(mantissa[..<mark])
        }
        let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        let whole = String(parts[0])
        let fraction = parts.count > 1 && parts[1] != "0" ? String(parts[1]) : ""
        var digits = whole + fraction
        // The value is 0.DIGITS times ten to the power of `point`.
        var point = whole.utf8.count + exponent
        while digits.hasPrefix("0"), digits.utf8.count > 1 {
            digits.removeFirst()
            point -= 1
        }
        while digits.hasSuffix("0"), digits.utf8.count > 1 { digits.removeLast() }
        let sign = value < 0 ? "-" : ""
        let power = point - 1
        if power < -4 || power >= 6 {
            let rest = digits.dropFirst()
            let shown = String(power.magnitude)
            return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
                + (power < 0 ? "e-" : "e+") + (shown.utf8.count < 2 ? "0" : "") + shown
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + digits }
        if digits.utf8.count <= point {
            return sign + digits + String(repeating: "0", count: point - digits.utf8.count)
        }
        return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    }

    private static func parse(_ text: String) -> Double? {
        guard hasUnderscoresBetweenDigits(text) else { return nil }
        let lowered = text.lowercased()
        // What Swift accepts beyond Go: payloads of NaN, hexadecimal digits without an exponent.
        if lowered.contains("(") || lowered.contains("0x") && !lowered.contains("p") { return nil }
        return Double(text.filter { $0 != "_" })
    }

    /// Whether each underscore is between two digits, or a base's prefix and a digit, as Go wants it
    /// (`strconv`, `underscoreOK`).
    private static func hasUnderscoresBetweenDigits(_ text: String) -> Bool {
        guard text.contains("_") else { return true }
        var bytes = Array(text.utf8)[...]
        if let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { bytes = bytes.dropFirst() }
        var (isHexadecimal, isBehindDigit) = (false, false)
        if bytes.first == UInt8(ascii: "0"), let letter = bytes.dropFirst().first, "xXoObB".utf8.contains(letter) {
            isHexadecimal = "xX".utf8.contains(letter)
            isBehindDigit = true
            bytes = bytes.dropFirst(2)
        }
        var isBehindUnderscore = false
        for byte in bytes {
            if byte == UInt8(ascii: "_") {
                guard isBehindDigit else { return false }
                (isBehindDigit, isBehindUnderscore) = (false, true)
            } else {
                isBehindDigit = isDigit(byte, radix: isHexadecimal ? 16 : 10)
                if isBehindUnderscore, !isBehindDigit { return false }
                isBehindUnderscore = false
            }
        }
        return !isBehindUnderscore
    }

    private static func isDigit(_ byte: UInt8, radix: Int) -> Bool {
        let value: Int
        switch byte {
        case 0x30...0x39: value = Int(byte) - 0x30
        case 0x41...0x46: value = Int(byte) - 0x41 + 10
        case 0x61...0x66: value = Int(byte) - 0x61 + 10
        default: return false
        }
        return value < radix
    }
}

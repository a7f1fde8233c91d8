extension RustDemangler {
    /// Reads and writes a constant. Outside of a value, an expression is put in braces.
    @_lifetime(self: copy self)
    mutating func constant(inValue: Bool) throws(RustDemanglingError) {
        try enter()
        let tag = try next()
        switch Unicode.Scalar(tag) {
        case "p":
            try write("_")
        case "h", "t", "m", "y", "o", "j":
            try integer()
        case "a", "s", "l", "x", "n", "i":
            if eat("n") { try write("-") }
            try integer()
        case "b":
            switch number(try hexadecimalDigits()) {
            case 0: try write("false")
            case 1: try write("true")
            default: throw .invalid
            }
        case "c":
            guard let value = number(try hexadecimalDigits()), let code = UInt32(exactly: value),
                let character = Unicode.Scalar(code)
            else { throw .invalid }
            try write("'")
            try writeEscaped(character, quote: "'")
            try write("'")
        case "B":
            let target = try backReference()
            if silence == 0 {
                let resume = position
                position = target
                try constant(inValue: inValue)
                position = resume
            }
        case "R" where peek() == UInt8(ascii: "e"):
            // A `&str` is written as its literal, without the reference.
            position += 1
            try stringLiteral()
        case "e", "R", "Q", "A", "T", "V":
            if !inValue { try write("{") }
            try expression(tag)
            if !inValue { try write("}") }
        default:
            throw .invalid
        }
        leave()
    }

    /// The constants that need braces outside of a value.
    @_lifetime(self: copy self)
    private mutating func expression(_ tag: UInt8) throws(RustDemanglingError) {
        switch Unicode.Scalar(tag) {
        case "e":
            try write("*")
            try stringLiteral()
        case "R":
            try write("&")
            try constant(inValue: true)
        case "Q":
            try write("&mut ")
            try constant(inValue: true)
        case "A":
            try write("[")
            _ = try constants()
            try write("]")
        case "T":
            try write("(")
            if try constants() == 1 { try write(",") }
            try write(")")
        default:
            try structure()
        }
    }

    /// Constants up to their end `E`, with commas between them; how many they were.
    @_lifetime(self: copy self)
    private mutating func constants() throws(RustDemanglingError) -> Int {
        var count = 0
        while !eat("E") {
            if count > 0 { try write(", ") }
            count += 1
            try constant(inValue: true)
        }
        return count
    }

    /// Behind `V`: a value of a struct or of an enum's case.
    @_lifetime(self: copy self)
    private mutating func structure() throws(RustDemanglingError) {
        try path(inValue: true)
        switch try next() {
        case UInt8(ascii: "U"):
            return
        case UInt8(ascii: "T"):
            try write("(")
            _ = try constants()
            try write(")")
        case UInt8(ascii: "S"):
            try write(" { ")
            var isFirst = true
            while !eat("E") {
                if !isFirst { try write(", ") }
                isFirst = false
                _ = try optionalNumber62("s")
                try write(identifier())
                try write(": ")
                try constant(inValue: true)
            }
            try write(" }")
        default:
            throw .invalid
        }
    }

    /// Hexadecimal digits up to their end `_`.
    private mutating func hexadecimalDigits() throws(RustDemanglingError) -> Range<Int> {
        let start = position
        while true {
            let byte = try next()
            if byte == UInt8(ascii: "_") { return start..<(position - 1) }
            guard hexadecimalDigit(byte) != nil else { throw .invalid }
        }
    }

    /// The value of hexadecimal digits; nil if it needs more than 64 bits.
    private func number(_ digits: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for index in digits {
            guard value >> 60 == 0, let digit = hexadecimalDigit(name[index]) else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return value
    }

    /// An integer: decimal if it fits into 64 bits.
    private mutating func integer() throws(RustDemanglingError) {
        let digits = try hexadecimalDigits()
        if let value = number(digits) { return try write(String(value)) }
        try write("0x")
        try write(bytes: digits)
    }

    /// A string, as the hexadecimal digits of its UTF-8.
    private mutating func stringLiteral() throws(RustDemanglingError) {
        let digits = try hexadecimalDigits()
        guard digits.count % 2 == 0 else { throw .invalid }
        var bytes: [UInt8] = []
        for index in stride(from: digits.lowerBound, to: digits.upperBound, by: 2) {
            guard let high = hexadecimalDigit(name[index]), let low = hexadecimalDigit(name[index + 1]) else {
                throw .invalid
            }
            bytes.append(high << 4 | low)
        }
        guard let literal = String(validating: bytes, as: UTF8.self) else { throw .invalid }
        try write("\"")
        for character in literal.unicodeScalars { try writeEscaped(character, quote: "\"") }
        try write("\"")
    }

    /// One character as a Rust literal shows it.
    private mutating func writeEscaped(
        _ character: Unicode.Scalar, quote: Unicode.Scalar
    ) throws(RustDemanglingError) {
        switch character {
        case "\0": try write("\\0")
        case "\t": try write("\\t")
        case "\n": try write("\\n")
        case "\r": try write("\\r")
        case "\\": try write("\\\\")
        case quote: try write("\\" + String(Character(quote)))
        default:
            switch character.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                try write("\\u{" + String(character.value, radix: 16) + "}")
            case .spaceSeparator where character != " ":
                try write("\\u{" + String(character.value, radix: 16) + "}")
            default: try write(String(Character(character)))
            }
        }
    }
}

/// Strings as Go's `%q` writes them, which is how pprof's messages name what a user wrote.
public enum GoQuoting {
    /// `text` in double quotes, with what cannot be read escaped. Only ASCII is escaped by its kind; beyond it, only what
    /// has no glyph of its own.
    public static func quote(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\u{7}": quoted += "\\a"
            case "\u{8}": quoted += "\\b"
            case "\u{c}": quoted += "\\f"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{b}": quoted += "\\v"
            case "\u{0}"..<"\u{20}", "\u{7f}": quoted += "\\x" + hexadecimal(scalar.value, digits: 2)
            case "\u{80}"..<"\u{a0}", "\u{ad}", "\u{200b}"..."\u{200f}", "\u{2028}"..."\u{202e}", "\u{feff}":
                quoted += "\\u" + hexadecimal(scalar.value, digits: 4)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}

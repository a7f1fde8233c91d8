import Primitives
import RegularExpressions

/// What a user names to see the code of: a regular expression on names of functions, or an address.
struct CodePattern {
    /// The expression.
    let expression: RegularExpression
    /// The address, where the text is a number as Go's `strconv.ParseUint(text, 0, 64)` takes it.
    let address: UInt64?

    init(_ text: String) throws(RegularExpression.Malformed) {
        expression = try RegularExpression(text)
        address = Self.number(text)
    }

    private static func number(_ text: String) -> UInt64? {
        let lower = text.lowercased()
        for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] where lower.hasPrefix(prefix) {
            return UInt64(lower.dropFirst(2), radix: radix)
        }
        guard let first = lower.utf8.first, first >= 0x30, first <= 0x39 else { return nil }
        return UInt64(lower, radix: first == 0x30 && lower.utf8.count > 1 ? 8 : 10)
    }
}

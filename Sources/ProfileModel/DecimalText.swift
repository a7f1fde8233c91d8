import Glibc

/// Numbers as decimal text, rounded as C's `printf` and Go's `fmt` round: exactly, from the binary number.
///
/// A report has millions of them, and `printf` takes most of its time. Where a number multiplied by a power of ten is
/// clearly nearer to one integer than to the next, that integer's digits are the answer; else `printf` decides.
enum DecimalText {
    /// As `%.2f`.
    static func twoDecimals(_ number: Double) -> String {
        guard let hundredths = nearest(number.magnitude * 100) else { return formatted("%.2f", number) }
        let (whole, fraction) = hundredths.quotientAndRemainder(dividingBy: 100)
        let sign = number.sign == .minus ? "-" : ""
        return sign + String(whole) + (fraction < 10 ? ".0" : ".") + String(fraction)
    }

    /// As `%.2g`: two significant digits, without zeros at the end.
    static func twoDigits(_ number: Double) -> String {
        var scale = 100.0
        var zeros = 0
        // `%g` turns to exponents below 0.0001; there, and from 1 up, it is left to printf.
        guard number >= 0.0002, number < 0.99 else { return formatted("%.2g", number) }
        while number * scale < 10 {
            scale *= 10
            zeros += 1
        }
        guard var digits = nearest(number * scale), digits < 100 else { return formatted("%.2g", number) }
        var width = zeros + 2
        if digits % 10 == 0 {
            digits /= 10
            width -= 1
        }
        let text = String(digits)
        return "0." + String(repeating: "0", count: width - text.utf8.count) + text
    }

    /// The nearest integer, if it is so far from the middle between two that no rounding error can have decided.
    private static func nearest(_ number: Double) -> Int64? {
        guard number < 1e12 else { return nil }
        let rounded = number.rounded()
        return (number - rounded).magnitude < 0.4999 ? Int64(rounded) : nil
    }

    private static func formatted(_ pattern: String, _ number: Double) -> String {
        var buffer = [CChar](repeating: 0, count: 400)
        // The longest output, "%.2f" of the largest finite number, has 313 characters.
        let length = unsafe withVaList([number]) { unsafe vsnprintf(&buffer, buffer.count, pattern, $0) }
        return String(
            decoding: buffer.prefix(max(0, min(Int(length), buffer.count - 1))).map { UInt8(bitPattern: $0) },
            as: UTF8.self)
    }
}

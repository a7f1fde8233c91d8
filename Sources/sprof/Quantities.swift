/// Numbers as people read them in a sentence.
enum Quantity {
    /// `12.3 s`, `45 ms`, `2 min 5 s`.
    static func duration(_ nanoseconds: UInt64) -> String {
        let seconds = Double(nanoseconds) / 1e9
        if seconds >= 120 { return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s" }
        if seconds >= 1 { return "\(decimal(seconds, 2)) s" }
        if nanoseconds >= 1_000_000 { return "\(decimal(seconds * 1e3, 0)) ms" }
        return "\(nanoseconds / 1000) µs"
    }

    /// `512 B`, `12.3 KB`, `4.0 MB`, in powers of 1024.
    static func bytes(_ count: UInt64) -> String {
        if count < 1024 { return "\(count) B" }
        if count < 1 << 20 { return "\(decimal(Double(count) / 1024, 1)) KB" }
        if count < 1 << 30 { return "\(decimal(Double(count) / 1_048_576, 1)) MB" }
        return "\(decimal(Double(count) / 1_073_741_824, 1)) GB"
    }

    /// `1 sample`, `2 samples`, `12 345 samples`.
    static func count(_ number: UInt64, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : noun.hasSuffix("s") ? "es" : "s")"
    }

    /// `99.95 %`; a share below 1 is never rounded up to 100 %.
    static func percent(_ share: Double) -> String {
        if share < 1, share > 0.9999 { return "99.99 %" }
        return decimal(share * 100, share == 1 || share == 0 ? 0 : 2) + " %"
    }

    /// `value` with `digits` decimals.
    static func decimal(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 1e15 else { return "\(value)" }
        let whole = UInt64(scaled) / UInt64(scale)
        let fraction = String(UInt64(scaled) % UInt64(scale))
        let sign = value < 0 && scaled > 0 ? "-" : ""
        if digits == 0 { return "\(sign)\(whole)" }
        return "\(sign)\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    private static func grouped(_ number: UInt64) -> String {
        var digits = String(number)
        var position = digits.count - 3
        while position > 0 {
            digits.insert(" ", at: digits.index(digits.startIndex, offsetBy: position))
            position -= 3
        }
        return digits
    }
}

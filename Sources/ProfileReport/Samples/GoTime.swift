import Glibc

/// Times and durations as Go writes them.
///
/// Facts: go.dev `time` (`Time.String`, `Duration.String`).
enum GoTime {
    /// A local time: `2023-11-14 22:13:20.5 +0000 UTC`.
    static func string(of nanoseconds: Int64) -> String {
        var (seconds, fraction) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        if fraction < 0 { (seconds, fraction) = (seconds - 1, fraction + 1_000_000_000) }
        var time = time_t(seconds)
        var broken = unsafe tm()
        guard unsafe localtime_r(&time, &broken) != nil else { return "\(nanoseconds) ns" }
        func format(_ pattern: String) -> String {
            var buffer = [CChar](repeating: 0, count: 128)
            let length = unsafe strftime(&buffer, buffer.count, pattern, &broken)
            return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        let digits = fraction == 0 ? "" : "." + decimals(UInt64(fraction), digitCount: 9)
        return format("%Y-%m-%d %H:%M:%S") + digits + format(" %z %Z")
    }

    /// A duration: `2.5s`, `1m40s`, `1h0m0.25s`, `15µs`.
    static func string(ofDuration nanoseconds: Int64) -> String {
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        switch magnitude {
        case 0: return "0s"
        case ..<1_000: return "\(sign)\(magnitude)ns"
        case ..<1_000_000: return sign + number(magnitude, unit: 1_000, digitCount: 3) + "µs"
        case ..<1_000_000_000: return sign + number(magnitude, unit: 1_000_000, digitCount: 6) + "ms"
        default: break
        }
        let minutes = magnitude / 60_000_000_000
        let seconds = number(magnitude % 60_000_000_000, unit: 1_000_000_000, digitCount: 9) + "s"
        if minutes == 0 { return sign + seconds }
        if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    private static func number(_ value: UInt64, unit: UInt64, digitCount: Int) -> String {
        let fraction = value % unit
        return "\(value / unit)" + (fraction == 0 ? "" : "." + decimals(fraction, digitCount: digitCount))
    }

    /// The digits behind the point, without zeros at their end.
    private static func decimals(_ fraction: UInt64, digitCount: Int) -> String {
        let digits = String(fraction)
        var text = String(repeating: "0", count: digitCount - digits.utf8.count) + digits
        while text.hasSuffix("0") { text.removeLast() }
        return text
    }
}

import ArgumentParser

/// A span of time as users of Go's tools write it: `30s`, `500ms`, `2m`, `1h30m`, or plain seconds: `30`, `0.5`.
struct DurationArgument: ExpressibleByArgument, Equatable {
    let nanoseconds: UInt64

    private static let units: [(suffix: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
    ]

    /// Nil when `argument` is not a positive span of at most a year.
    init?(argument: String) {
        var total = 0.0
        var rest = argument[...]
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let suffix = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(suffix.count)
            guard let number = Double(digits) else { return nil }
            if suffix.isEmpty {
                guard digits.count == argument.count else { return nil }
                total = number * 1e9
            } else {
                guard let unit = Self.units.first(where: { $0.suffix == suffix }) else { return nil }
                total += number * unit.nanoseconds
            }
        }
        guard total >= 1, total <= 365 * 86_400e9 else { return nil }
        nanoseconds = UInt64(total)
    }
}

/// A number of bytes: `65528`, `64k`, `8M`.
struct ByteCountArgument: ExpressibleByArgument, Equatable {
    let bytes: Int

    /// Nil when `argument` is not a number of bytes, or more than 1 TiB.
    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), number < 1 << 40 else { return nil }
        let factor: Int
        switch argument.dropFirst(digits.count).lowercased() {
        case "", "b": factor = 1
        case "k", "kb", "kib": factor = 1 << 10
        case "m", "mb", "mib": factor = 1 << 20
        case "g", "gb", "gib": factor = 1 << 30
        default: return nil
        }
        let (bytes, overflowed) = number.multipliedReportingOverflow(by: factor)
        guard !overflowed, bytes <= 1 << 40 else { return nil }
        self.bytes = bytes
    }
}

/// Numbers with units, the way pprof prints them (google/pprof `internal/measurement`).
public enum Measurement {
    /// `value` in another unit, and that unit's name; `auto` and `minimum` ask for the largest unit in which the value
    /// is at least 1. Units that are not known convert into nothing.
    public static func scale(_ value: Int64, from: String, to: String) -> (value: Double, unit: String) {
        UnitConversion(from: from, to: to).scale(value)
    }

    /// `value` with two decimals, unless both are zero, and its unit; zero has no unit.
    public static func label(_ value: Int64, from: String, to: String) -> String {
        UnitConversion(from: from, to: to).label(value)
    }

    /// What part of `total` `value` is, without its sign, in six columns.
    public static func percentage(_ value: Int64, of total: Int64) -> String {
        let ratio = total == 0 ? 0 : (Double(value) / Double(total)).magnitude * 100
        if ratio >= 99.95, ratio <= 100.05 { return "  100%" }
        if ratio == 0 { return "    0%" }
        var text = ratio >= 1 ? DecimalText.twoDecimals(ratio) : DecimalText.twoDigits(ratio)
        while text.utf8.count < 5 { text = " " + text }
        return text + "%"
    }

    /// Whether both units are of the same family, so that values convert from one into the other.
    public static func converts(_ unit: String, _ other: String) -> Bool {
        UnitFamily.all.contains { $0.member(named: unit) != nil && $0.member(named: other) != nil }
    }
}

import Glibc

/// A family of units that convert into each other, as pprof knows them (google/pprof `internal/measurement`).
///
/// Memory counts in steps of 1024, time has no minutes, and compute units (GCU) have decimal prefixes.
private struct UnitFamily {
    struct Member {
        var name: String
        var aliases: [String]
        /// The size in base units.
        var factor: Double
    }

    var members: [Member]
    /// The position in `members` of the unit that zero is printed with.
    var defaultMember: Int

    static let all: [UnitFamily] = [memory, time, compute]

    static let memory = UnitFamily(
        members: [
            Member(name: "B", aliases: ["b", "byte"], factor: 1),
            Member(name: "kB", aliases: ["kb", "kbyte", "kilobyte"], factor: 0x1p10),
            Member(name: "MB", aliases: ["mb", "mbyte", "megabyte"], factor: 0x1p20),
            Member(name: "GB", aliases: ["gb", "gbyte", "gigabyte"], factor: 0x1p30),
            Member(name: "TB", aliases: ["tb", "tbyte", "terabyte"], factor: 0x1p40),
            Member(name: "PB", aliases: ["pb", "pbyte", "petabyte"], factor: 0x1p50),
        ], defaultMember: 0)

    static let time = UnitFamily(
        members: [
            Member(name: "ns", aliases: ["ns", "nanosecond"], factor: 1),
            Member(name: "us", aliases: ["μs", "us", "microsecond"], factor: 1e3),
            Member(name: "ms", aliases: ["ms", "millisecond"], factor: 1e6),
            Member(name: "s", aliases: ["s", "sec", "second"], factor: 1e9),
            Member(name: "hrs", aliases: ["hour", "hr"], factor: 3600e9),
        ], defaultMember: 3)

    static let compute = UnitFamily(
        members: [
            Member(name: "n*GCU", aliases: ["nanogcu"], factor: 1e-9),
            Member(name: "u*GCU", aliases: ["microgcu"], factor: 1e-6),
            Member(name: "m*GCU", aliases: ["milligcu"], factor: 1e-3),
            Member(name: "GCU", aliases: ["gcu"], factor: 1),
            Member(name: "k*GCU", aliases: ["kilogcu"], factor: 1e3),
            Member(name: "M*GCU", aliases: ["megagcu"], factor: 1e6),
            Member(name: "G*GCU", aliases: ["gigagcu"], factor: 1e9),
            Member(name: "T*GCU", aliases: ["teragcu"], factor: 1e12),
            Member(name: "P*GCU", aliases: ["petagcu"], factor: 1e15),
        ], defaultMember: 3)

    /// The member that goes by `unit`. Names with a `*`, which are only printed, are not among those that are read, as in
    /// pprof.
    func member(named unit: String) -> Member? {
        var lowered = unit.lowercased()
        if lowered.utf8.count > 2, lowered.hasSuffix("s") { lowered.removeLast() }
        return members.first { $0.aliases.contains(lowered) }
    }
}

/// Numbers with units, the way pprof prints them.
public enum Measurement {
    /// `value` in another unit, and that unit's name; `auto` and `minimum` ask for the largest unit in which the value
    /// is at least 1. Units that are not known convert into nothing.
    public static func scale(_ value: Int64, from: String, to: String) -> (value: Double, unit: String) {
        if value < 0, value != .min {
            let (magnitude, unit) = scale(-value, from: from, to: to)
            return (-magnitude, unit)
        }
        for family in UnitFamily.all {
            guard let source = family.member(named: from) else { continue }
            let inBase = Double(value) * source.factor
            if to == "auto" || to == "minimum" {
                let fitting = family.members.last { inBase / $0.factor >= 1 }
                let target = fitting ?? family.members[family.defaultMember]
                return (inBase / target.factor, target.name)
            }
            let target = family.member(named: to) ?? family.members[family.defaultMember]
            return (inBase / target.factor, target.name)
        }
        switch to {
        case "count", "sample", "unit", "minimum", "auto": return (Double(value), "")
        default: return (Double(value), to)
        }
    }

    /// `value` with two decimals, unless both are zero, and its unit; zero has no unit.
    public static func label(_ value: Int64, from: String, to: String) -> String {
        let (scaled, unit) = scale(value, from: from, to: to)
        var text = format("%.2f", scaled)
        if text.hasSuffix(".00") { text.removeLast(3) }
        return text == "0" || text == "-0" ? "0" : text + unit
    }

    /// What part of `total` `value` is, without its sign, in six columns.
    public static func percentage(_ value: Int64, of total: Int64) -> String {
        let ratio = total == 0 ? 0 : (Double(value) / Double(total)).magnitude * 100
        if ratio >= 99.95, ratio <= 100.05 { return "  100%" }
        return format(ratio >= 1 ? "%5.2f" : "%5.2g", ratio) + "%"
    }

    private static func format(_ pattern: String, _ number: Double) -> String {
        var buffer = [CChar](repeating: 0, count: 400)
        // The longest output, "%.2f" of the largest finite number, has 313 characters.
        let length = unsafe withVaList([number]) { unsafe vsnprintf(&buffer, buffer.count, pattern, $0) }
        return String(
            decoding: buffer.prefix(max(0, min(Int(length), buffer.count - 1))).map { UInt8(bitPattern: $0) },
            as: UTF8.self)
    }
}

extension Measurement {
    /// Whether both units are of the same family, so that values convert from one into the other.
    public static func converts(_ unit: String, _ other: String) -> Bool {
        UnitFamily.all.contains { $0.member(named: unit) != nil && $0.member(named: other) != nil }
    }
}

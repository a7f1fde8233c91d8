/// A family of units that convert into each other, as pprof knows them (google/pprof `internal/measurement`).
///
/// Memory counts in steps of 1024, time has no minutes, and compute units (GCU) have decimal prefixes.
struct UnitFamily {
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

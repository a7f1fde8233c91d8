/// A conversion of numbers from one unit to another, for many numbers: units are looked up once.
public struct UnitConversion: Sendable {
    /// Where numbers go.
    private enum Target {
        /// To this unit, which has so many base units.
        case unit(factor: Double, name: String)
        /// To the largest unit of the family in which the number is at least 1.
        case fitting(UnitFamily)
    }

    /// The base units of a unit that numbers come in.
    private let factor: Double
    private let target: Target

    /// The conversion from one unit to another. `auto` and `minimum` ask for the largest unit in which the value is at
    /// least 1; a unit that is not of the family of `from` for the family's most usual one. Where `from` is not known,
    /// numbers stay as they are.
    public init(from: String, to: String) {
        for family in UnitFamily.all {
            guard let source = family.member(named: from) else { continue }
            factor = source.factor
            if to == "auto" || to == "minimum" {
                target = .fitting(family)
            } else {
                let member = family.member(named: to) ?? family.members[family.defaultMember]
                target = .unit(factor: member.factor, name: member.name)
            }
            return
        }
        factor = 1
        switch to {
        case "count", "sample", "unit", "minimum", "auto": target = .unit(factor: 1, name: "")
        default: target = .unit(factor: 1, name: to)
        }
    }

    /// The number in the unit asked for, and that unit's name.
    public func scale(_ value: Int64) -> (value: Double, unit: String) {
        if value < 0, value != .min {
            let (magnitude, unit) = scale(-value)
            return (-magnitude, unit)
        }
        let inBase = Double(value) * factor
        switch target {
        case .unit(let factor, let name): return (inBase / factor, name)
        case .fitting(let family):
            let member = family.members.last { inBase / $0.factor >= 1 } ?? family.members[family.defaultMember]
            return (inBase / member.factor, member.name)
        }
    }

    /// The number with two decimals, unless both are zero, and its unit; zero has no unit.
    public func label(_ value: Int64) -> String {
        let (scaled, unit) = scale(value)
        var text = DecimalText.twoDecimals(scaled)
        if text.hasSuffix(".00") { text.removeLast(3) }
        return text == "0" || text == "-0" ? "0" : text + unit
    }
}

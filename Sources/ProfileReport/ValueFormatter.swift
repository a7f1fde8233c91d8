import ProfileModel

/// Writes the values of a report in one unit.
struct ValueFormatter {
    private let context: ReportContext
    private let conversion: UnitConversion

    init(_ context: ReportContext, unit: String) {
        self.context = context
        conversion = UnitConversion(from: context.values.unit, to: unit)
    }

    /// The value with its unit.
    func format(_ value: Int64) -> String { conversion.label(context.scaled(value)) }

    /// The value as a whole number without its unit.
    func whole(_ value: Int64) -> Int64 { truncated(conversion.scale(value).value) }
}

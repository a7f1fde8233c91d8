import ProfileModel

/// Writes the values of a report in one unit.
struct ValueFormatter {
    private let context: ReportContext
    private let unit: String

    init(_ context: ReportContext, unit: String) {
        self.context = context
        self.unit = unit
    }

    /// The value with its unit.
    func format(_ value: Int64) -> String { context.format(value, in: unit) }

    /// The value as a whole number without its unit.
    func whole(_ value: Int64) -> Int64 {
        truncated(Measurement.scale(value, from: context.values.unit, to: unit).value)
    }
}

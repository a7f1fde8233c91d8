public import Primitives

extension TopReport {
    /// The report as a JSON object. Values are in `unit`, divided by `divide_by` alone.
    public var json: JSON {
        .object([
            ("type", .string(sampleType)),
            ("unit", .string(sampleUnit)),
            ("total", .number(context.scaled(total))),
            ("dropped", .number(Int64(droppedCount))),
            ("header", .array(header.map(JSON.string))),
            ("entries", .array(entries.map(json))),
        ])
    }

    private func json(_ entry: Entry) -> JSON {
        .object([
            ("name", .string(entry.name)),
            ("flat", .number(context.scaled(entry.flat))),
            ("cum", .number(context.scaled(entry.cumulative))),
            ("inlining", .string(entry.inlining.rawValue)),
        ])
    }
}

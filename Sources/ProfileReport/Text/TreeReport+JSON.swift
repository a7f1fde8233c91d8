public import Primitives

extension TreeReport {
    /// The report as a JSON object. Values are in `unit`, divided by `divide_by` alone; `calls` are what was measured below each call.
    public var json: JSON {
        .object([
            ("type", .string(context.values.type)),
            ("unit", .string(context.values.unit)),
            ("total", .number(context.scaled(context.total))),
            ("header", .array(header.map(JSON.string))),
            ("entries", .array(entries.map(json))),
        ])
    }

    private func json(_ entry: Entry) -> JSON {
        .object([
            ("name", .string(entry.name)),
            ("flat", .number(context.scaled(entry.flat))),
            ("cum", .number(context.scaled(entry.cumulative))),
            ("callers", .array(entry.callers.map(json))),
            ("callees", .array(entry.callees.map(json))),
        ])
    }

    private func json(_ neighbour: Neighbour) -> JSON {
        .object([
            ("name", .string(neighbour.name)),
            ("calls", .number(context.scaled(neighbour.weight))),
            ("inline", .bool(neighbour.isInline)),
        ])
    }
}

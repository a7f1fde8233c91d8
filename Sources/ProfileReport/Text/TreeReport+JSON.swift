public import Primitives

extension TreeReport {
    /// The report as a JSON object. Values are in `unit`, unscaled; `calls` are what was measured below each call.
    public var json: JSON {
        .object([
            ("type", .string(context.values.type)),
            ("unit", .string(context.values.unit)),
            ("total", .number(context.total)),
            ("header", .array(header.map(JSON.string))),
            ("entries", .array(entries.map(Self.json))),
        ])
    }

    private static func json(_ entry: Entry) -> JSON {
        .object([
            ("name", .string(entry.name)),
            ("flat", .number(entry.flat)),
            ("cum", .number(entry.cumulative)),
            ("callers", .array(entry.callers.map(json))),
            ("callees", .array(entry.callees.map(json))),
        ])
    }

    private static func json(_ neighbour: Neighbour) -> JSON {
        .object([
            ("name", .string(neighbour.name)),
            ("calls", .number(neighbour.weight)),
            ("inline", .bool(neighbour.isInline)),
        ])
    }
}

public import Primitives

extension TagsReport {
    /// The report as a JSON object. Values are in `unit`, unscaled.
    public var json: JSON {
        .object([
            ("type", .string(context.values.type)),
            ("unit", .string(context.values.unit)),
            ("total", .number(context.total)),
            ("keys", .array(keys.map(Self.json))),
        ])
    }

    private static func json(_ key: Key) -> JSON {
        .object([
            ("name", .string(key.name)),
            ("total", .number(key.total)),
            (
                "tags",
                .array(key.tags.map { .object([("name", .string($0.name)), ("value", .number($0.value))]) })
            ),
        ])
    }
}

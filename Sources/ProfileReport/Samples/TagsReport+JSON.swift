public import Primitives

extension TagsReport {
    /// The report as a JSON object. Values are in `unit`, divided by `divide_by` alone.
    public var json: JSON {
        .object([
            ("type", .string(context.values.type)),
            ("unit", .string(context.values.unit)),
            ("total", .number(context.scaled(context.total))),
            ("keys", .array(keys.map(json))),
        ])
    }

    private func json(_ key: Key) -> JSON {
        .object([
            ("name", .string(key.name)),
            ("total", .number(context.scaled(key.total))),
            (
                "tags",
                .array(
                    key.tags.map {
                        .object([("name", .string($0.name)), ("value", .number(context.scaled($0.value)))])
                    })
            ),
        ])
    }
}

public import Primitives

extension TopReport {
    /// The report as a JSON object. Values are in `unit`, unscaled.
    public var json: JSON {
        .object([
            ("type", .string(sampleType)),
            ("unit", .string(sampleUnit)),
            ("total", .number(total)),
            ("dropped", .number(Int64(droppedCount))),
            ("header", .array(header.map(JSON.string))),
            ("entries", .array(entries.map(Self.json))),
        ])
    }

    private static func json(_ entry: Entry) -> JSON {
        .object([
            ("name", .string(entry.name)),
            ("flat", .number(entry.flat)),
            ("cum", .number(entry.cumulative)),
            ("inlining", .string(entry.inlining.rawValue)),
        ])
    }
}

public import Primitives

extension ComparisonTable {
    /// The comparison as JSON. Shares and their changes are parts of 1; `p` is how likely chance alone changes this
    /// share as much, `p_family` how likely it changes any as much; null where `errors_missing` says why there are none.
    public var json: JSON {
        .object([
            ("type", .string(labels.type)),
            ("unit", .string(labels.unit)),
            ("before", side(labels.before, comparison.before)),
            ("after", side(labels.after, comparison.after)),
            ("errors_missing", comparison.errorsMissing.map { .string($0.rawValue) } ?? .null),
            ("spread", comparison.spread.map(JSON.real) ?? .null),
            ("omitted", .number(Int64(hiddenCount))),
            ("entries", .array(entries.map(entry))),
            ("conditions", .array(comparison.findings.map(finding))),
        ])
    }

    private func side(_ name: String, _ side: ProfileComparison.Side) -> JSON {
        .object([
            ("file", .string(name)), ("total", .real(side.total)),
            ("samples", side.sampleCount.map(JSON.number) ?? .null),
        ])
    }

    private func entry(_ entry: ProfileComparison.Entry) -> JSON {
        .object([("name", .string(entry.name)), ("flat", change(entry.flat)), ("cum", change(entry.cum))])
    }

    private func change(_ change: ProfileComparison.Change) -> JSON {
        .object([
            ("before", .real(change.before)), ("after", .real(change.after)), ("change", .real(change.difference)),
            ("error95", change.error.map(JSON.real) ?? .null), ("p", change.probability.map(JSON.real) ?? .null),
            ("p_family", change.familyProbability.map(JSON.real) ?? .null),
            ("significant", .bool(change.isSignificant)),
        ])
    }

    private func finding(_ finding: ProfileComparison.Finding) -> JSON {
        .object([
            ("condition", .string(finding.condition.text)), ("value", .real(finding.value)),
            ("p", finding.change.probability.map(JSON.real) ?? .null),
            ("functions", .number(Int64(finding.functionCount))), ("exceeded", .bool(finding.isPassed)),
            ("noise", .bool(finding.isNoise)), ("undecided", .bool(finding.isUndecided)),
            ("fails", .bool(finding.fails)),
        ])
    }
}

import Primitives
import ProfileModel

/// The labels of a profile and what was measured under each: what `pprof -tags` prints.
///
/// Facts: github.com/google/pprof `internal/report/report.go` (`printTags`).
public struct TagsReport: Sendable {
    /// A value of a label.
    public struct Tag: Sendable {
        /// The text; a number with its unit.
        public var name: String
        /// The sum over the samples that have it.
        public var value: Int64
    }

    /// A key with all its values.
    public struct Key: Sendable {
        /// The key.
        public var name: String
        /// The sum over its values; a sample with several of them counts several times.
        public var total: Int64
        /// The values, the heaviest first.
        public var tags: [Tag]
    }

    /// The keys by name.
    public let keys: [Key]

    let context: ReportContext

    /// Adds up the labels of the context's profile. O(labels).
    public init(_ context: ReportContext) throws(ReportError) {
        self.context = context
        let profile = context.profile
        var sums: [StringID: [String: Int64]] = [:]
        for (label, value) in try Self.sums(context) {
            let text: String
            switch label.value {
            case .string(let string):
                text = profile.string(string)
            case .number(let number, _):
                let key = profile.string(label.key)
                let unit = context.numericLabelUnits[key] ?? key
                text = Measurement.label(number, from: unit, to: context.options.unit)
            }
            sums[label.key, default: [:]][text, default: 0] &+= value
        }
        keys = sums.map { key, values in
            let tags = values.map { Tag(name: $0.key, value: $0.value) }.sorted { left, right in
                let (first, second) = (absolute(left.value), absolute(right.value))
                return first != second ? first > second : bytesPrecede(left.name, right.name)
            }
            return Key(name: profile.string(key), total: tags.reduce(0) { $0 &+ $1.value }, tags: tags)
        }.sorted { bytesPrecede($0.name, $1.name) }
    }

    /// What was measured under each distinct label.
    private static func sums(_ context: ReportContext) throws(ReportError) -> [Label: Int64] {
        let (table, values) = (context.profile.samples, context.values)
        let (labels, ends, numbers, width) = (table.labels, table.labelEnds, table.values, table.valuesPerSample)
        var sums: [Label: Int64] = [:]
        var start = 0
        for position in ends.indices {
            if position % 4096 == 0, context.cancellation.isRequested { throw .cancelled }
            let value = numbers[position * width + values.index]
            for offset in start..<ends[position] { sums[labels[offset], default: 0] &+= value }
            start = ends[position]
        }
        return sums
    }

    /// The report as text, with a newline at its end unless it is empty.
    public func render() -> String {
        func format(_ value: Int64) -> String { context.format(value, in: context.options.unit) }
        let total = context.total
        var text = ""
        for key in keys {
            text += "\(key.name):\t Total \(format(key.total)) of \(format(total))"
            text += total > 0 ? " (\(Measurement.percentage(key.total, of: total)))\n" : "\n"
            for tag in key.tags {
                let share = total > 0 ? " (\(Measurement.percentage(tag.value, of: total)))" : ""
                text += " \t\(format(tag.value))\(share):\t \(tag.name)\n"
            }
            text += "\n"
        }
        return TabbedColumns.align(text)
    }
}

import Primitives
import ProfileModel

/// Every sample with its labels and its stack: what `pprof -traces` prints.
///
/// Facts: github.com/google/pprof `internal/report/report.go` (`printTraces`).
public struct TracesReport: Sendable {
    private let context: ReportContext

    /// The traces of the context's profile.
    public init(_ context: ReportContext) {
        self.context = context
    }

    /// The report as text, with a newline at its end.
    public func render() -> String {
        var text: [UInt8] = []
        write { piece in unsafe piece.withUnsafeBytes { unsafe text.append(contentsOf: $0) } }
        return String(decoding: text, as: UTF8.self)
    }

    /// Hands the text to `output` piece by piece: for a million samples it is gigabytes.
    public func write<Failure: Error>(to output: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        let profile = context.profile
        let table = profile.samples
        let (stacks, ends, labelEnds) = (table.locations, table.locationEnds, table.labelEnds)
        let lines = FrameLines(context)
        let formatter = ValueFormatter(context, unit: context.options.unit)
        let separator = "-----------+-------------------------------------------------------\n"
        var text = TextBuffer()
        text.put(context.profileLines(in: context.options.unit).joined(separator: "\n") + "\n")
        var (start, labelStart) = (0, 0)
        for position in ends.indices {
            defer { (start, labelStart) = (ends[position], labelEnds[position]) }
            if start == ends[position] { continue }
            text.put(separator)
            if labelStart < labelEnds[position] {
                putLabels(table.labels[labelStart..<labelEnds[position]], &text)
            }
            text.put(formatter.format(value(of: position)), width: 10)
            // The first line has the value in place of its margin.
            text.put(long: lines.texts, Int(stacks[start].rawValue), droppingFirst: 10)
            for offset in (start + 1)..<ends[position] {
                text.put(long: lines.texts, Int(stacks[offset].rawValue))
                if text.isFull {
                    try output(text.bytes.rawSpan)
                    text.removeAll()
                }
            }
        }
        text.put(separator)
        try output(text.bytes.rawSpan)
    }

    private func value(of position: Int) -> Int64 {
        let value = context.values.value(context.profile.samples, at: position)
        let divisor = context.values.divisor(context.profile.samples, at: position)
        return divisor == 0 ? value : quotient(value, divisor)
    }

    private func putLabels(_ labels: ArraySlice<Label>, _ text: inout TextBuffer) {
        for wantsText in [true, false] {
            let lines = LabelGroup.groups(labels.filter { $0.isText == wantsText }).map { group in
                let values = group.texts(in: context.profile, units: context.numericLabelUnits)
                return padded(context.profile.string(group.key), to: 10) + ":  " + values.joined(separator: " ") + "\n"
            }
            for line in lines.sorted(by: bytesPrecede) { text.put(line) }
        }
    }
}

/// The lines that locations are printed as, made once for all samples.
private struct FrameLines {
    /// By location.
    private(set) var texts = ShortTexts()

    init(_ context: ReportContext) {
        let table = NodeTable(
            context.profile, granularity: context.granularity, options: context.options, trimsFiles: false)
        var start = 0
        for end in table.lineEnds.lazy.map(Int.init) {
            texts.append(
                (start..<end).map { line in
                    let name = table.names[Int(table.lineNodes[line])]
                    return String(repeating: " ", count: 13) + name + (line == end - 1 ? "\n" : " (inline)\n")
                }.joined())
            start = end
        }
    }
}

import Primitives
import ProfileModel

/// Everything that a profile says, as text: what `pprof -raw` prints.
///
/// Locations and mappings bear the ids of the file. Facts: github.com/google/pprof `profile/profile.go` (`String`).
public struct RawReport: Sendable {
    private let profile: Profile

    /// The text of the context's profile.
    public init(_ context: ReportContext) {
        var profile = context.profile
        profile.aggregate(for: context.options)
        self.profile = profile
    }

    /// The report as text, with a newline at its end.
    public func render() -> String {
        var text: [UInt8] = []
        write { piece in unsafe piece.withUnsafeBytes { unsafe text.append(contentsOf: $0) } }
        return String(decoding: text, as: UTF8.self)
    }

    /// Hands the text to `output` piece by piece: for a million samples it is several hundred megabytes.
    public func write<Failure: Error>(to output: (RawSpan) throws(Failure) -> Void) throws(Failure) {
        var text = TextBuffer()
        putHeader(&text)
        try writeSamples(&text, output)
        text.put("Locations\n")
        for index in profile.locations.indices {
            putLocation(index, &text)
            if text.isFull {
                try output(text.bytes.rawSpan)
                text.removeAll()
            }
        }
        text.put("Mappings\n")
        for index in profile.mappings.indices { putMapping(index, &text) }
        try output(text.bytes.rawSpan)
    }

    private func putHeader(_ text: inout TextBuffer) {
        for comment in profile.comments { text.put("Comment: " + profile.string(comment) + "\n") }
        if !profile.docURL.isEmpty { text.put("Doc: " + profile.string(profile.docURL) + "\n") }
        let periodType = profile.string(profile.periodType?.type ?? .empty)
        text.put("PeriodType: \(periodType) \(profile.string(profile.periodType?.unit ?? .empty))\n")
        text.put("Period: \(profile.period)\n")
        if profile.timeNanoseconds != 0 { text.put("Time: " + GoTime.string(of: profile.timeNanoseconds) + "\n") }
        if profile.durationNanoseconds != 0 {
            // pprof asks for four digits, and gets four characters.
            let duration = GoTime.string(ofDuration: profile.durationNanoseconds)
            text.put("Duration: " + String(String.UnicodeScalarView(duration.unicodeScalars.prefix(4))) + "\n")
        }
        let types = profile.sampleTypes.map { type in
            let name = profile.string(type.type)
            let mark = name == profile.string(profile.defaultSampleType) ? "[dflt]" : ""
            return "\(name)/\(profile.string(type.unit))\(mark)"
        }
        text.put("Samples:\n" + types.joined(separator: " ") + "\n")
    }

    // MARK: - Samples

    private func writeSamples<Failure: Error>(
        _ text: inout TextBuffer, _ output: (RawSpan) throws(Failure) -> Void
    ) throws(Failure) {
        let table = profile.samples
        let (stacks, ends, labelEnds) = (table.locations, table.locationEnds, table.labelEnds)
        let (values, width) = (table.values, table.valuesPerSample)
        var ids = ShortTexts()
        for index in profile.locations.indices {
            ids.append("\(profile.fileIDs.id(of: LocationIndex(rawValue: UInt32(index)))) ")
        }
        var (start, labelStart) = (0, 0)
        for position in ends.indices {
            for offset in position * width..<(position + 1) * width {
                text.put(" " as Unicode.Scalar)
                putPadded(values[offset], &text)
            }
            text.put(": ")
            for offset in start..<ends[position] {
                text.put(ids, Int(stacks[offset].rawValue))
            }
            text.put("\n" as Unicode.Scalar)
            if labelStart < labelEnds[position] {
                putLabels(table.labels[labelStart..<labelEnds[position]], &text)
            }
            (start, labelStart) = (ends[position], labelEnds[position])
            if text.isFull {
                try output(text.bytes.rawSpan)
                text.removeAll()
            }
        }
    }

    /// The number in ten columns.
    private func putPadded(_ value: Int64, _ text: inout TextBuffer) {
        var divisor: Int64 = 1_000_000_000
        guard value >= 0, value / 10 < divisor else { return text.put(String(value), width: 10) }
        while divisor > 1, value < divisor {
            text.put(" " as Unicode.Scalar)
            divisor /= 10
        }
        while divisor > 0 {
            text.put(Unicode.Scalar(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10)))
            divisor /= 10
        }
    }

    /// A line with the labels that have text, and one with those that have numbers.
    private func putLabels(_ labels: ArraySlice<Label>, _ text: inout TextBuffer) {
        for wantsText in [true, false] {
            let keys = LabelGroup.groups(labels.filter { $0.isText == wantsText })
            if keys.isEmpty { continue }
            let descriptions = keys.map { group in
                profile.string(group.key) + ":[" + group.rawTexts(in: profile).joined(separator: " ") + "]"
            }
            text.putSpaces(16)
            text.put(descriptions.sorted(by: bytesPrecede).joined(separator: " ") + "\n")
        }
    }

    // MARK: - Locations and mappings

    private func putLocation(_ index: Int, _ text: inout TextBuffer) {
        let location = profile.locations[index]
        let id = profile.fileIDs.id(of: LocationIndex(rawValue: UInt32(index)))
        text.put(String(id), width: 6)
        text.put(": 0x" + String(location.address.value, radix: 16) + " ")
        if let mapping = location.mapping { text.put("M=\(profile.fileIDs.id(of: mapping)) ") }
        if location.isFolded { text.put("[F] ") }
        for (position, line) in location.lines.enumerated() {
            if position > 0 { text.put("\n             ") }
            let function = profile.functions[Int(line.function.rawValue)]
            let name = profile.string(function.name)
            let systemName = profile.string(function.systemName)
            text.put("\(name) \(profile.string(function.filename)):\(line.line):\(line.column) s=\(function.startLine)")
            if function.name != function.systemName { text.put("(" + systemName + ")") }
        }
        text.put("\n")
    }

    private func putMapping(_ index: Int, _ text: inout TextBuffer) {
        let mapping = profile.mappings[index]
        text.put("\(profile.fileIDs.id(of: MappingIndex(rawValue: UInt32(index)))): ")
        let numbers = [mapping.start.value, mapping.limit.value, mapping.fileOffset.value]
        text.put(numbers.map { "0x" + String($0, radix: 16) }.joined(separator: "/") + " ")
        text.put(profile.string(mapping.filename) + " " + profile.string(mapping.buildID) + " ")
        if mapping.hasFunctions { text.put("[FN]") }
        if mapping.hasFilenames { text.put("[FL]") }
        if mapping.hasLineNumbers { text.put("[LN]") }
        if mapping.hasInlineFrames { text.put("[IN]") }
        text.put("\n")
    }
}

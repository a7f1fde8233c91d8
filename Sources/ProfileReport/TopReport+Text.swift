import Glibc
import ProfileModel

extension TopReport {
    /// The report as text, as `go tool pprof -top` of Go 1.19 prints it, with a newline at its end.
    public func render() -> String {
        var text = header.map { $0 + "\n" }.joined()
        text += "      flat  flat%   sum%        cum   cum%\n"
        var sum: Int64 = 0
        for entry in entries {
            sum &+= entry.flat
            text += padded(format(entry.flat)) + " " + Measurement.percentage(entry.flat, of: total)
            text += " " + Measurement.percentage(sum, of: total)
            text += " " + padded(format(entry.cumulative)) + " " + Measurement.percentage(entry.cumulative, of: total)
            text += "  " + entry.name
            if entry.inlining != .never { text += " (" + entry.inlining.rawValue + ")" }
            text += "\n"
        }
        return text
    }

    private func padded(_ text: String) -> String {
        String(repeating: " ", count: max(0, 10 - text.unicodeScalars.count)) + text
    }

    /// The lines about the profile as a whole.
    func profileLines(_ profile: Profile) -> [String] {
        var lines: [String] = []
        if let program = profile.mappings.first {
            if !program.filename.isEmpty { lines.append("File: " + baseName(profile.string(program.filename))) }
            if !program.buildID.isEmpty { lines.append("Build ID: " + profile.string(program.buildID)) }
        }
        lines += profile.comments.map(profile.string).filter { !$0.hasPrefix("#") }
        if !sampleType.isEmpty { lines.append("Type: " + sampleType) }
        if profile.timeNanoseconds != 0 { lines.append("Time: " + Self.localTime(profile.timeNanoseconds)) }
        if profile.durationNanoseconds != 0 {
            let duration = Measurement.label(profile.durationNanoseconds, from: "nanoseconds", to: "auto")
            let (inNanoseconds, unit) = Measurement.scale(total, from: sampleUnit, to: "nanoseconds")
            var line = "Duration: " + duration + ", Total samples = " + format(total) + " "
            if unit == "ns", inNanoseconds != 0, let whole = Int64(exactly: inNanoseconds.rounded(.towardZero)) {
                line += "(" + Measurement.percentage(whole, of: profile.durationNanoseconds) + ")"
            }
            lines.append(line)
        }
        return lines
    }

    /// The lines about what of it is shown.
    func selectionLines(_ selection: TopSelection, _ options: Options) -> [String] {
        let shown = entries.reduce(Int64(0)) { $0 &+ $1.flat }
        let percentage = Measurement.percentage(shown, of: total).drop { $0 == " " }
        var lines = ["Showing nodes accounting for \(format(shown)), \(percentage) of \(format(total)) total"]
        guard total != 0 else { return lines }
        if droppedCount > 0 {
            let cutoff = format(part(options.nodeFraction, of: total))
            lines.append("Dropped \(droppedCount) node\(droppedCount == 1 ? "" : "s") (cum <= \(cutoff))")
        }
        if options.nodeCount > 0, options.nodeCount < selection.candidateCount {
            lines.append("Showing top \(options.nodeCount) nodes out of \(selection.candidateCount)")
        }
        return lines
    }

    /// The local time, as Go's layout `Jan 2, 2006 at 3:04pm (MST)` writes it.
    private static func localTime(_ nanoseconds: Int64) -> String {
        var seconds = time_t(nanoseconds / 1_000_000_000)
        if nanoseconds % 1_000_000_000 < 0 { seconds -= 1 }
        var broken = unsafe tm()
        var buffer = [CChar](repeating: 0, count: 128)
        guard unsafe localtime_r(&seconds, &broken) != nil else { return "\(nanoseconds) ns" }
        let length = unsafe strftime(&buffer, buffer.count, "%b %-d, %Y at %-I:%M%P (%Z)", &broken)
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

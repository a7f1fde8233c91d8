import Glibc
import ProfileModel

extension ReportContext {
    /// The lines about the profile as a whole, as all reports begin: `File: …`, `Type: …`, `Duration: …`.
    ///
    /// - Parameter unit: The unit to print the total in; before one is chosen, options.unit.
    public func profileLines(in unit: String) -> [String] {
        var lines: [String] = []
        if let program = profile.mappings.first {
            if !program.filename.isEmpty { lines.append("File: " + title) }
            if !program.buildID.isEmpty { lines.append("Build ID: " + profile.string(program.buildID)) }
        }
        lines += profile.comments.map(profile.string).filter { !$0.hasPrefix("#") }
        if !values.type.isEmpty { lines.append("Type: " + values.type) }
        if !profile.docURL.isEmpty { lines.append("Doc: " + profile.string(profile.docURL)) }
        if profile.timeNanoseconds != 0 { lines.append("Time: " + localTime(profile.timeNanoseconds)) }
        if profile.durationNanoseconds != 0 {
            let duration = Measurement.label(profile.durationNanoseconds, from: "nanoseconds", to: "auto")
            var line = "Duration: \(duration), Total samples = \(format(total, in: unit)) "
            let (nanoseconds, ofTime) = Measurement.scale(total, from: values.unit, to: "nanoseconds")
            if ofTime == "ns", nanoseconds != 0 {
                line += "(" + Measurement.percentage(truncated(nanoseconds), of: profile.durationNanoseconds) + ")"
            }
            lines.append(line)
        }
        return lines
    }

    /// The lines about the filters that are set; none if there are none.
    public var activeFilterLines: [String] {
        let filters = [
            ("focus", options.focus), ("ignore", options.ignore), ("hide", options.hide), ("show", options.show),
            ("show_from", options.showFrom), ("tagfocus", options.tagFocus), ("tagignore", options.tagIgnore),
            ("tagshow", options.tagShow), ("taghide", options.tagHide),
        ].filter { !$0.1.isEmpty }
        if filters.isEmpty { return [] }
        return ["Active filters:"]
            + filters.map { name, expression in
                let line = name + "=" + expression
                guard line.utf8.count > 80 else { return "   " + line }
                return "   " + String(decoding: line.utf8.prefix(80), as: UTF8.self) + "…"
            }
    }

    /// All lines above a report whose entries are the nodes of a graph: about the profile, the filters, and how much of
    /// it is shown.
    func headerLines(of graph: TrimmedGraph, in unit: String) -> [String] {
        var lines = kind.isGraphical || !options.compactLabels ? profileLines(in: unit) : []
        lines += activeFilterLines
        let shown = graph.nodes.reduce(Int64(0)) { $0 &+ graph.weights.flatValue($1) }
        let share = Measurement.percentage(shown, of: total).drop { $0 == " " }
        lines.append(
            "Showing nodes accounting for \(format(shown, in: unit)), \(share) of \(format(total, in: unit)) total")
        if total != 0 {
            func dropped(_ count: Int, _ what: String, _ weight: String, _ fraction: Double) {
                guard count > 0 else { return }
                let limit = format(cutoff(fraction), in: unit)
                lines.append("Dropped \(count) \(what)\(count > 1 ? "s" : "") (\(weight) <= \(limit))")
            }
            dropped(graph.droppedNodeCount, "node", "cum", options.nodeFraction)
            if kind.isGraphical { dropped(graph.droppedEdgeCount, "edge", "freq", options.edgeFraction) }
            if !graph.nodes.isEmpty, graph.nodes.count < graph.candidateCount {
                lines.append("Showing top \(graph.nodes.count) nodes out of \(graph.candidateCount)")
            }
        }
        if kind.isGraphical { lines.append("\nSee https://git.io/JfYMW for how to read the graph") }
        return lines
    }
}

/// The local time, as Go's layout `2006-01-02 15:04:05 MST` writes it.
private func localTime(_ nanoseconds: Int64) -> String {
    var seconds = time_t(nanoseconds / 1_000_000_000)
    if nanoseconds % 1_000_000_000 < 0 { seconds -= 1 }
    var broken = unsafe tm()
    var buffer = [CChar](repeating: 0, count: 128)
    guard unsafe localtime_r(&seconds, &broken) != nil else { return "\(nanoseconds) ns" }
    let length = unsafe strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S %Z", &broken)
    return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

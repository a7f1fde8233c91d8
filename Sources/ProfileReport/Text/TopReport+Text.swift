import ProfileModel

extension TopReport {
    /// The report as text, as pprof prints it, with a newline at its end.
    public func render() -> String {
        var text = header.map { $0 + "\n" }.joined()
        text += "      flat  flat%   sum%        cum   cum%\n"
        let formatter = ValueFormatter(context, unit: outputUnit)
        var sum: Int64 = 0
        for entry in entries {
            sum &+= entry.flat
            text += padded(formatter.format(entry.flat), to: 10) + " " + Measurement.percentage(entry.flat, of: total)
            text += " " + Measurement.percentage(sum, of: total)
            text += " " + padded(formatter.format(entry.cumulative), to: 10) + " "
            text += Measurement.percentage(entry.cumulative, of: total) + "  " + entry.name
            if entry.inlining != .never { text += " (" + entry.inlining.rawValue + ")" }
            text += "\n"
        }
        return text
    }
}

extension TopReport {
    /// The report as a JSON object on one line, with a newline at its end. Values are in `unit`, unscaled.
    public func renderJSON() -> String {
        var text = "{\"type\":" + quoted(sampleType) + ",\"unit\":" + quoted(sampleUnit)
        text += ",\"total\":\(total),\"dropped\":\(droppedCount)"
        text += ",\"header\":[" + header.map(quoted).joined(separator: ",") + "],\"entries\":["
        var isFirst = true
        for entry in entries {
            if !isFirst { text += "," }
            isFirst = false
            text += "{\"name\":" + quoted(entry.name) + ",\"flat\":\(entry.flat),\"cum\":\(entry.cumulative)"
            text += ",\"inlining\":" + quoted(entry.inlining.rawValue) + "}"
        }
        return text + "]}\n"
    }

    private func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

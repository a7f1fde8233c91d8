import Glibc
import Primitives
import ProfileModel

/// A comparison as text or JSON: which functions to show, in which order.
public struct ComparisonTable: Sendable {
    /// What is compared, for the lines above the table.
    public struct Labels: Sendable {
        /// The names of the two profiles.
        public var before: String
        public var after: String
        /// What the values are: `cpu`, and their unit.
        public var type: String
        public var unit: String

        public init(before: String, after: String, type: String, unit: String) {
            self.before = before
            self.after = after
            self.type = type
            self.unit = unit
        }
    }

    let comparison: ProfileComparison
    let labels: Labels
    /// The entries to show, in order.
    let entries: [ProfileComparison.Entry]
    let hiddenCount: Int

    /// The entries whose flat or cum share changed most.
    ///
    /// - Parameters:
    ///   - sortsByCum: Order by how cum changed instead of flat.
    ///   - limit: The most entries to show; 0 for all.
    public init(_ comparison: ProfileComparison, labels: Labels, sortsByCum: Bool, limit: Int) {
        self.comparison = comparison
        self.labels = labels
        func key(_ entry: ProfileComparison.Entry) -> (Double, Double) {
            let (flat, cum) = (entry.flat.difference.magnitude, entry.cum.difference.magnitude)
            return sortsByCum ? (cum, flat) : (flat, cum)
        }
        // What rounds to nothing in both columns is no change to show, unless chance is ruled out.
        let shown = comparison.entries.filter { entry in
            let (flat, cum) = key(entry)
            return max(flat, cum) >= 0.000_05 || entry.flat.isSignificant || entry.cum.isSignificant
        }
        let sorted = shown.sorted { left, right in
            let (first, second) = (key(left), key(right))
            if first != second { return first > second }
            return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
        entries = Array(limit > 0 ? sorted.prefix(limit) : sorted[...])
        hiddenCount = sorted.count - entries.count
    }

    /// The table, with a newline at its end. Names are made fit for terminals.
    public func render() -> String {
        var text = side("Before: ", labels.before, comparison.before) + side("After:  ", labels.after, comparison.after)
        text += explanation + "\n"
        text += "    flat    flat                        cum     cum\n"
        text += "  before   after          change     before   after          change\n"
        for entry in entries {
            text += cells(entry.flat) + "  " + cells(entry.cum) + "  " + entry.name.terminalEscaped
            if entry.isNew { text += " (new)" }
            if entry.isGone { text += " (gone)" }
            text += "\n"
        }
        if hiddenCount > 0 { text += "and \(hiddenCount) more whose share changed\n" }
        return text
    }

    private var explanation: String {
        if let reason = comparison.errorsMissing {
            return "Shares of each total. How much is chance is not known: \(reason.rawValue).\n"
        }
        let spread = comparison.spread.map {
            "Changes are \(decimal($0.squareRoot(), 1)) times what chance makes of equal programs.\n"
        }
        return """
            Shares of each total, changes in percentage points ± their 95 % interval.
            * marks what chance explains in less than 5 % of comparisons, all functions taken together.

            """ + (spread ?? "")
    }

    private func side(_ title: String, _ name: String, _ side: ProfileComparison.Side) -> String {
        let total = Int64(exactly: side.total.rounded()) ?? (side.total < 0 ? .min : .max)
        var text = title + name.terminalEscaped + ", " + labels.type + " "
        text += Measurement.label(total, from: labels.unit, to: "auto")
        if let count = side.sampleCount { text += ", \(count) sample\(count == 1 ? "" : "s")" }
        return text + "\n"
    }

    private func cells(_ change: ProfileComparison.Change) -> String {
        let difference = (change.difference * 100)
        var text = pad(decimal(change.before * 100, 2) + "%", 8) + pad(decimal(change.after * 100, 2) + "%", 8)
        text += pad((difference >= 0.005 ? "+" : "") + decimal(difference, 2), 8)
        text += pad(change.error.map { "±" + decimal($0 * 100, 2) } ?? "", 7)
        return text + (change.isSignificant ? " *" : "  ")
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.unicodeScalars.count)) + text
    }

    private func decimal(_ value: Double, _ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (value * scale).rounded()
        guard scaled.magnitude < 1e15 else { return "\(value)" }
        let number = UInt64(scaled.magnitude)
        let fraction = String(number % UInt64(scale))
        let sign = scaled < 0 ? "-" : ""
        if digits == 0 { return sign + String(number) }
        return sign + "\(number / UInt64(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

import CDemangle
import Glibc
import Symbolizer

/// C++ names as sprof's own demangler makes them readable, beside libstdc++'s.
package struct CxxComparison: ~Copyable {
    package enum Outcome: String, CaseIterable {
        /// Both give the same text, or neither gives one.
        case equal
        /// Left to libstdc++'s.
        case handedOver = "handed over"
        /// Only ours has a text: libstdc++'s takes no more than 1024 bytes.
        case oursOnly = "ours only"
        case different
    }

    package private(set) var counts: [Outcome: Int] = [:]
    /// The first of what is not equal.
    package private(set) var examples: [String] = []
    private var own = Demangler(usingSystemDemanglers: false)

    package init() {}

    package var summary: String {
        Outcome.allCases.map { "\(counts[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
    }

    /// The text of libstdc++'s demangler; nil if it has none.
    package static func systemText(_ name: String) -> String? {
        var status: Int32 = 0
        guard let text = __cxa_demangle(name, nil, nil, &status) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    /// Compares a name that starts with `_Z`.
    package mutating func add(_ name: String) {
        let base = String(withoutSuffixes(name))
        let system = Self.systemText(base)
        let text = own.demangle(base)
        // Old names of Rust look like C++ names with a hash behind.
        if let system, system != text, system.contains("::h"), base.contains("17h") { return }
        let outcome: Outcome =
            text == system ? .equal : text == nil ? .handedOver : system == nil ? .oursOnly : .different
        let count = (counts[outcome] ?? 0) + 1
        counts[outcome] = count
        if outcome != .equal, count <= 40, outcome == .different || base.utf8.count <= 1024 {
            examples.append("\(outcome.rawValue): \(base)\n  ours:   \(text ?? "-")\n  theirs: \(system ?? "-")")
        }
    }
}

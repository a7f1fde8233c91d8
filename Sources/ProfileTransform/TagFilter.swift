import ProfileModel
import RegularExpressions

/// Which samples a tagfocus or tagignore expression means.
///
/// `KEY=` may stand first. Then comes a number or a range of numbers (`32kb`, `4mb:`, `:64kb`, `12kb:64mb`), or regular
/// expressions, separated by commas. Without a key all of them have to match, each some `key:value`; with a key one
/// has to match some value of the key.
///
/// Facts: github.com/google/pprof `internal/driver/driver_focus.go`.
struct TagFilter {
    /// What the labels are compared with.
    private enum Condition {
        case range(TagRange)
        /// At most 64 expressions, so that a bit of a word can stand for each.
        case expressions([RegularExpression])
    }

    /// The key whose labels count; nil for all.
    private let key: String?
    private let conditions: [Condition]
    /// What to tell the user about how the text was understood.
    let notice: String?

    /// - Parameter option: The name of the option that `text` is the value of.
    init(_ text: String, option: String) throws(ProfileFilterError) {
        var value = text
        var key = ""
        if let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
            key = String(text[..<equals])
            value = String(text[text.utf8.index(after: equals)...])
        }
        self.key = key.isEmpty ? nil : key
        if let range = try TagRange(value, option: option) {
            conditions = [.range(range)]
            notice = "\(option):Interpreted '\(value)' as range, not regexp"
            return
        }
        var expressions: [RegularExpression] = []
        for part in value.split(separator: ",", omittingEmptySubsequences: false) {
            expressions.append(try compile(String(part), option: option))
        }
        conditions = stride(from: 0, to: expressions.count, by: 64).map { start in
            .expressions(Array(expressions[start..<min(start + 64, expressions.count)]))
        }
        notice = nil
    }

    /// For each sample of `profile`, whether it is meant. O(labels), with each distinct label matched once.
    func matches(_ profile: Profile, units: [String: String]) -> [Bool] {
        var result = [Bool](repeating: key == nil, count: profile.samples.count)
        let keyID = key.flatMap(profile.strings.identifier)
        let (labels, ends) = (profile.samples.labels, profile.samples.labelEnds)
        for condition in conditions {
            var known = LabelAnswers()
            let all = mask(of: condition)
            var start = 0
            for (position, end) in ends.enumerated() {
                var met: UInt64 = 0
                for offset in start..<end where key == nil || labels[offset].key == keyID {
                    met |= known.answer(for: labels[offset]) { evaluate(condition, $0, profile, units) }
                }
                start = end
                if key == nil {
                    if met != all { result[position] = false }
                } else if met != 0 {
                    result[position] = true
                }
            }
        }
        return result
    }

    /// The bits that stand for the parts of a condition.
    private func mask(of condition: Condition) -> UInt64 {
        switch condition {
        case .range: 1
        case .expressions(let expressions): UInt64.max >> UInt64(64 - expressions.count)
        }
    }

    /// The bits of the parts of `condition` that a label meets.
    private func evaluate(
        _ condition: Condition, _ label: Label, _ profile: Profile, _ units: [String: String]
    ) -> UInt64 {
        switch (condition, label.value) {
        case (.range(let range), .number(let number, _)):
            return range.contains(number, unit: units[profile.string(label.key)] ?? "") ? 1 : 0
        case (.expressions(let expressions), .string(let text)):
            let value = profile.string(text)
            let subject = key == nil ? profile.string(label.key) + ":" + value : value
            var met: UInt64 = 0
            for (index, expression) in expressions.enumerated() where expression.matches(subject) {
                met |= 1 << UInt64(index)
            }
            return met
        default:
            return 0
        }
    }
}

/// Answers for labels, each distinct one found once.
private struct LabelAnswers {
    private var known: [Label: UInt64] = [:]
    /// The label asked for last: neighbours are often of the same thread.
    private var last: (label: Label, answer: UInt64)?

    mutating func answer(for label: Label, _ find: (Label) -> UInt64) -> UInt64 {
        if let last, last.label == label { return last.answer }
        let answer = known[label] ?? find(label)
        known[label] = answer
        last = (label, answer)
        return answer
    }
}

/// The expression in `pattern`, which is (a part of) the value of `option`.
func compile(_ pattern: String, option: String) throws(ProfileFilterError) -> RegularExpression {
    do {
        return try RegularExpression(pattern)
    } catch {
        throw .malformed(option: option, error)
    }
}

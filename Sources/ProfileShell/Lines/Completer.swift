import PprofCommands
public import ProfileModel
import ProfileReport

/// Ends words of the shell's lines: commands, options, functions and label keys.
public struct Completer: Sendable {
    private let functions: [String]
    private let labelKeys: [String]
    private let sampleTypes: [String]

    /// The most proposals that are made.
    private static let limit = 1000

    /// Proposes the names that `profile` has. O(functions and labels).
    public init(_ profile: Profile) {
        var names: Set<StringID> = []
        for function in profile.functions { names.insert(function.name) }
        functions = names.map(profile.string).filter { !$0.isEmpty }.sorted()
        var keys: Set<StringID> = []
        for label in profile.samples.labels { keys.insert(label.key) }
        labelKeys = keys.map(profile.string).sorted()
        sampleTypes = profile.sampleTypes.map { profile.string($0.type) }
    }

    /// What the last word of `line`, which ends at the cursor, may become; several for the user to choose from.
    public func proposals(for line: String) -> [String] {
        var words = line.split(separator: " ").map(String.init)
        let word = line.hasSuffix(" ") || words.isEmpty ? "" : words.removeLast()
        guard let command = words.first else { return first(word) }
        if command == "help" { return words.count == 1 ? matching(word, in: topics) : [] }
        guard let known = ReportCommand.named(String(command.trimmingDigits)) else { return [] }
        if word.hasPrefix(">") || words.last == ">" { return [] }
        let dash = word.hasPrefix("-") ? "-" : ""
        let stem = String(word.dropFirst(dash.utf8.count))
        let found = known.kind == .tags ? matching(stem, in: labelKeys.map { $0 + ":" }) : functionProposals(stem)
        return found.map { dash + $0 }
    }

    /// The first word: a command, an option, or a sample type, which is a command too.
    private func first(_ word: String) -> [String] {
        if let equals = word.firstIndex(of: "=") {
            let name = String(word[..<equals])
            return values(of: name, word[word.index(after: equals)...]).map { name + "=" + $0 }
        }
        let fields = OptionField.all
        return matching(
            word,
            in: ReportCommand.all.map(\.name) + ["help", "options", "quit", "exit"]
                + fields.map { $0.isTruth ? $0.name : $0.name + "=" } + fields.flatMap(\.choices)
                + sampleTypes.flatMap { [$0, "total_" + $0, "mean_" + $0] })
    }

    private func values(of option: String, _ value: Substring) -> [String] {
        let text = String(value)
        switch option {
        case "sample_index": return matching(text, in: sampleTypes)
        case "tagroot", "tagleaf", "tagshow", "taghide":
            let head = value.lastIndex(of: ",").map { String(value[...$0]) } ?? ""
            return matching(String(value.dropFirst(head.count)), in: labelKeys).map { head + $0 }
        case "tagfocus", "tagignore": return matching(text, in: labelKeys.map { $0 + "=" })
        case "focus", "ignore", "hide", "show", "show_from", "prune_from": return functionProposals(text)
        case "unit":
            return matching(text, in: ["minimum", "auto", "ns", "us", "ms", "s", "hrs", "B", "kB", "MB", "GB"])
        default:
            guard let field = OptionField.named(option), field.name == option else { return [] }
            return matching(text, in: field.isTruth ? ["true", "false"] : field.choices)
        }
    }

    private var topics: [String] {
        ReportCommand.all.map(\.name) + OptionField.all.map(\.name) + OptionField.all.flatMap(\.choices)
    }

    private func matching(_ word: String, in candidates: [String]) -> [String] {
        Set(candidates.filter { $0.hasPrefix(word) }).sorted()
    }

    /// Functions that begin with `word`, or if there are none, that contain it; as expressions that match the name.
    private func functionProposals(_ word: String) -> [String] {
        guard !word.isEmpty else { return [] }
        let written = functions.lazy.map { (name: $0, expression: Self.expression(for: $0)) }
        let begun = written.filter { $0.name.hasPrefix(word) || $0.expression.hasPrefix(word) }.prefix(Self.limit)
        let found =
            begun.isEmpty
            ? Array(written.filter { $0.name.contains(word) || $0.expression.contains(word) }.prefix(Self.limit))
            : Array(begun)
        return found.map(\.expression)
    }

    /// An expression in RE2's syntax, without spaces, that matches `name`.
    static func expression(for name: String) -> String {
        var result = ""
        for character in name.unicodeScalars {
            switch character {
            case "\\", ".", "+", "*", "?", "(", ")", "|", "[", "]", "{", "}", "^", "$":
                result += "\\"
                result.unicodeScalars.append(character)
            case _ where character.properties.isWhitespace: result += "."
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

extension String {
    /// The text without digits at its end: `top` of `top10`.
    fileprivate var trimmingDigits: Substring {
        var end = endIndex
        while end > startIndex, ("0"..."9").contains(self[index(before: end)]) { end = index(before: end) }
        return self[..<end]
    }
}

extension Completer {
    /// What the word may be replaced by without a choice: what all proposals begin with, unless that is less than is there.
    static func commonStart(of proposals: [String], typed: String) -> String {
        guard var common = proposals.first.map({ Array($0.unicodeScalars) }) else { return typed }
        for proposal in proposals.dropFirst() {
            let scalars = Array(proposal.unicodeScalars)
            var length = 0
            while length < common.count, length < scalars.count, common[length] == scalars[length] { length += 1 }
            common.removeLast(common.count - length)
        }
        var text = ""
        text.unicodeScalars.append(contentsOf: common)
        return text.utf8.count >= typed.utf8.count || proposals.count == 1 ? text : typed
    }
}

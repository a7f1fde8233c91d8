public import ProfileReport

/// A command of pprof's shell, with the options that hold for it alone.
///
/// Grammar: github.com/google/pprof `internal/driver/interactive.go`.
public struct ShellLine: Sendable {
    /// The report to make.
    public let command: ReportCommand
    /// The expression of a command that takes one.
    public let expression: String?
    /// The options for this command.
    public let options: ReportOptions

    /// Why a line is no command.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        case unrecognized(String)
        /// An option that lacks its equals sign.
        case option(String, value: String)
        case missingExpression(String)
        case missingFile

        /// The problem, in pprof's words.
        public var description: String {
            switch self {
            case .unrecognized(let name): "unrecognized command: \(GoQuoting.quote(name))"
            case .option(let name, let value): "did you mean: \(name)=\(value)"
            case .missingExpression(let name): "command \(name) requires an argument"
            case .missingFile: "unexpected end of line after >"
            }
        }
    }

    /// Reads a line's words, of which there is at least one, over the options that hold otherwise.
    public init(words: [String], options current: ReportOptions) throws(Failure) {
        var arguments = words.dropFirst()
        var name = words[0]
        var found = ReportCommand.named(name)
        if found == nil {
            // A number may stand behind the name: top10.
            let stem = name.trimmingSuffix { ("0"..."9").contains($0) }
            if !stem.isEmpty, stem.utf8.count < name.utf8.count {
                arguments.insert(String(name.dropFirst(stem.count)), at: arguments.startIndex)
                name = String(stem)
                found = ReportCommand.named(name)
            }
        }
        guard let found else {
            if OptionField.named(name) != nil { throw .option(name, value: arguments.first ?? "<val>") }
            throw .unrecognized(name)
        }
        command = found
        if found.takesExpression {
            guard let first = arguments.popFirst() else { throw .missingExpression(name) }
            expression = first
        } else {
            expression = nil
        }
        var options = current
        var focus: [String] = []
        var ignore: [String] = []
        while let word = arguments.popFirst() {
            if let count = Int32(word) {
                options.nodeCount = Int(count)
            } else if word.hasPrefix(">") {
                let path = String(word.dropFirst())
                guard let file = path.isEmpty ? arguments.popFirst() : path else { throw .missingFile }
                options.output = file
            } else if word == "-cum" || word == "--cum" {
                options.sort = .cum
            } else if word.hasPrefix("-") {
                ignore.append(String(word.dropFirst()))
            } else {
                focus.append(word)
            }
        }
        Self.set(focus, found.kind == .tags ? \.tagFocus : \.focus, in: &options)
        Self.set(ignore, found.kind == .tags ? \.tagIgnore : \.ignore, in: &options)
        if options.nodeCount == -1, found.kind == .top { options.nodeCount = 10 }
        self.options = options
    }

    private static func set(
        _ expressions: [String], _ path: WritableKeyPath<ReportOptions, String>, in options: inout ReportOptions
    ) {
        let joined = expressions.filter { !$0.isEmpty }.joined(separator: "|")
        if !joined.isEmpty { options[keyPath: path] = joined }
    }
}

extension String {
    /// The text without the longest end whose characters all satisfy `condition`.
    fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> Substring {
        var end = endIndex
        while end > startIndex, condition(self[index(before: end)]) { end = index(before: end) }
        return self[..<end]
    }
}

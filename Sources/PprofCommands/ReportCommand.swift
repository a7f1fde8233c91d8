public import ProfileReport

/// One of pprof's reports: what it is called, what it takes and where its output goes.
public struct ReportCommand: Sendable {
    /// What becomes of a graph before it is written.
    public enum Drawing: Sendable, Equatable {
        /// The report is written as it is.
        case none
        /// Graphviz draws it in this format.
        case graphviz(String)
        /// Graphviz draws it, and it gets the means to move and enlarge it.
        case scalableGraphics
    }

    /// Where the output goes unless the user names a file.
    public enum Destination: Sendable {
        /// Standard output.
        case standardOutput
        /// Standard output, but a file with this extension in place of a terminal.
        case awayFromTerminal(fileExtension: String)
        /// A temporary file with this extension, and a program that shows it.
        case viewer(fileExtension: String, Viewer)
    }

    /// Programs that show files; the first that starts is taken.
    public enum Viewer: Sendable {
        /// The user's browser.
        case browser
        /// This command.
        case program(String)
    }

    /// The name: `top`.
    public let name: String
    /// What is made of the profile.
    public let kind: ReportKind
    /// What becomes of a graph.
    public let drawing: Drawing
    /// Where the output goes.
    public let destination: Destination
    /// Whether the command needs an expression.
    public let takesExpression: Bool
    /// What the command is good for, in one line.
    public let summary: String

    /// How the command is written in the shell: a line of syntax, then lines about it.
    var usage: [String] {
        switch kind {
        case .comments, .raw, .traces, .proto, .topproto: return []
        case .peek: return ["peek func_regex", "The functions that func_regex matches, with callers and callees."]
        case .tags:
            return [
                "tags [tag_regex]* [-ignore_regex]* [>file]",
                "Labels as key:value that match tag_regex and do not match ignore_regex.",
            ]
        case .list, .disasm, .weblist:
            return [
                "\(name) func_regex|address [focus_regex]* [-ignore_regex]* [>file]",
                "Functions that match func_regex\(kind == .list ? "" : ", or that hold the address").", selection,
                redirection,
            ]
        case .callgrind, .dot, .top, .tree:
            return [
                "\(name) [n] [focus_regex]* [-ignore_regex]* [-cum] [>file]", "At most n entries.", selection,
                "-cum orders by what an entry and all it called used.", redirection,
            ]
        }
    }

    private var selection: String { "Only samples that match focus_regex, and none that match ignore_regex." }
    private var redirection: String { ">file writes the report to a file." }

    /// What `help` says of the command.
    public var help: String {
        var text = summary + "\n"
        if !usage.isEmpty { text += "  Usage:\n" + usage.map { "    \($0)\n" }.joined() }
        return text + "\n"
    }
}

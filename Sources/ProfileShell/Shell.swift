import PprofCommands
import Primitives
import ProfileModel
public import ProfileReport

/// pprof's interactive language over one profile.
///
/// Language and texts: google/pprof `internal/driver/interactive.go`. Beyond it, a choice (`cum`, `lines`) sets its option
/// without a value.
public struct Shell {
    private var maker: ReportMaker
    private var delivery: ReportDelivery
    private var options: ReportOptions
    private let shortcuts: [String: [String]]
    private let notice: (String) -> Void
    private let sampleTypes: [String]

    /// Whether a command failed.
    public private(set) var hasFailed = false

    /// - Parameters:
    ///   - options: The options to start with; reports leave out the lines about the profile, which the greeting has.
    ///   - notice: Tells the user something that is no report.
    public init(
        _ maker: ReportMaker, delivery: ReportDelivery, options: ReportOptions, notice: @escaping (String) -> Void
    ) {
        self.maker = maker
        self.delivery = delivery
        self.options = options
        self.options.compactLabels = true
        self.notice = notice
        sampleTypes = maker.profile.sampleTypes.map { maker.profile.string($0.type) }
        var shortcuts = [":": ["focus=", "ignore=", "hide=", "tagfocus=", "tagignore="]]
        for type in sampleTypes {
            shortcuts[type] = ["sample_index=" + type]
            shortcuts["total_" + type] = ["mean=0", "sample_index=" + type]
            shortcuts["mean_" + type] = ["mean=1", "sample_index=" + type]
        }
        self.shortcuts = shortcuts
    }

    /// Reads and obeys lines until there are no more, or one says to leave.
    public mutating func run(_ reader: inout some LineReader) {
        defer { delivery.removeTemporaryFiles() }
        greet()
        while true {
            // What was typed before the prompt was meant for the last command.
            _ = ShellInterrupts.take()
            guard let line = reader.readLine() else { return }
            let trimmed = line.trimmed
            for command in shortcuts[trimmed] ?? [trimmed] {
                guard obey(command) else { return }
            }
        }
    }

    private func greet() {
        if let greeting = try? maker.greeting(options) {
            if !greeting.lines.isEmpty { notice(greeting.lines.joined(separator: "\n")) }
            if greeting.isEmpty, sampleTypes.count > 1 {
                notice("No samples were found with the default sample value type.")
                notice("Try \"sample_index\" command to analyze different sample values.\n")
            }
        }
        notice("Entering interactive mode (type \"help\" for commands, \"o\" for options)")
    }

    /// Does what `line` says; false if it says to leave.
    private mutating func obey(_ line: String) -> Bool {
        if assign(line) { return true }
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard let first = words.first else { return true }
        switch first {
        case "o", "options":
            notice(HelpText.options(options, sampleTypes: sampleTypes, defaultType: defaultType))
        case "exit", "quit", "q":
            return false
        case "help":
            help(words.dropFirst().joined(separator: " "))
        default:
            report(words)
        }
        return true
    }

    /// Obeys `option=value`, or `option` alone; false if `line` is neither.
    private mutating func assign(_ line: String) -> Bool {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0]).trimmed
        guard let field = OptionField.named(name) else { return false }
        var value = ""
        if parts.count > 1 {
            let text = String(parts[1])
            value = (text.ranges(of: "//:").last.map { String(text[..<$0.lowerBound]) } ?? text).trimmed
        } else if !field.isTruth, field.name == name {
            fail("please specify a value, e.g. \(name)=<val>")
            return true
        }
        do {
            if field.name == "sample_index" {
                var probe = options
                probe.sampleIndex = value
                value = sampleTypes[try SampleValues(maker.profile, probe).index]
            }
            try OptionField.set(name, to: value, in: &options, lenient: true)
        } catch {
            fail("\(error)")
        }
        return true
    }

    private mutating func report(_ words: [String]) {
        do {
            let line = try ShellLine(words: words, options: options)
            let body = Result {
                try maker.make(
                    line.command, expression: line.expression, options: line.options,
                    cancellation: Cancellation { ShellInterrupts.isPending })
            }
            for text in maker.notices { notice(text) }
            try delivery.deliver(body.get(), of: line.command, output: line.options.output)
        } catch {
            fail("\(error)")
        }
    }

    private mutating func help(_ topic: String) {
        if topic.isEmpty {
            notice(HelpText.shell)
        } else if let text = HelpText.topic(topic, sampleTypes: sampleTypes) {
            notice(text)
        } else {
            fail("Unknown command: " + topic)
        }
    }

    private mutating func fail(_ message: String) {
        hasFailed = true
        notice(message)
    }

    private var defaultType: String {
        maker.profile.defaultSampleTypeIndex.map { sampleTypes[$0] } ?? ""
    }
}

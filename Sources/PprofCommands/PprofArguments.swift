public import ProfileFetch
public import ProfileReport

/// A command line of pprof: `[-format] [options] [binary] source…`.
///
/// Flags, their order of checks and the texts of errors: github.com/google/pprof `internal/driver/cli.go`.
public struct PprofArguments: Sendable {
    /// The report to make; nil for the shell.
    public private(set) var command: ReportCommand?
    /// The expression of a command that takes one.
    public private(set) var expression: String?
    /// How the report looks.
    public private(set) var options = ReportOptions()
    /// Where profiles come from.
    public private(set) var sources = ProfileSources()
    /// The address of the web interface, if it is asked for.
    public private(set) var webAddress = ""
    /// What the user should know, one message each.
    public private(set) var notices: [String] = []

    /// Why the arguments make no command.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// The text about all flags is asked for.
        case helpRequested
        /// A flag is wrong: the text about all flags follows.
        case flag(String)
        /// There is nothing to read: the text about all flags goes before.
        case noSource
        /// Flags contradict each other.
        case conflict(String)

        /// The problem, for a reader.
        public var description: String {
            switch self {
            case .helpRequested: "help requested"
            case .flag(let problem), .conflict(let problem): problem
            case .noSource: "no profile source specified"
            }
        }
    }

    /// Reads `arguments`.
    ///
    /// - Parameter isProgram: Whether the file of a name is a program, which as the first of several arguments takes the
    ///   place of the profile's main binary.
    public init(_ arguments: [String], isProgram: (String) -> Bool) throws(Failure) {
        let values: [String: FlagSet.Value]
        var rest: [String]
        do throws(FlagSet.Failure) {
            (values, rest) = try Self.flags.parse(arguments)
        } catch {
            throw error == .helpRequested ? .helpRequested : .flag(error.description)
        }
        guard let first = rest.first else { throw .noSource }
        if rest.count > 1, isProgram(first) {
            sources.executable = first
            rest.removeFirst()
        }
        sources.sources = rest
        try setOptions(values)
        try chooseCommand(values)
        let reader = FlagReader(values: values)
        webAddress = reader.text("http")
        if command != nil, !webAddress.isEmpty {
            throw .conflict("-http is not compatible with an output format on the command line")
        }
        if reader.truth("no_browser"), webAddress.isEmpty {
            throw .conflict("-no_browser only makes sense with -http")
        }
        chooseSampleType(reader)
        try setSources(reader)
    }

    private mutating func setOptions(_ values: [String: FlagSet.Value]) throws(Failure) {
        for field in OptionField.all {
            if !field.choices.isEmpty {
                let chosen = field.choices.filter { values[$0] == .truth(true) }
                if chosen.count > 1 {
                    throw .conflict("conflicting options set: [\(chosen.joined(separator: " "))]")
                }
                if let choice = chosen.first { try? field.set(choice, in: &options) }
            } else if let value = values[field.name] {
                field.set(value, in: &options)
            }
        }
    }

    private mutating func chooseCommand(_ values: [String: FlagSet.Value]) throws(Failure) {
        for candidate in ReportCommand.all {
            switch values[candidate.name] {
            case .truth(true): break
            case .text(let text) where !text.isEmpty: expression = text
            default: continue
            }
            guard command == nil else { throw .conflict("must set at most one output format") }
            command = candidate
        }
    }

    /// The flags from before sample types had names.
    private mutating func chooseSampleType(_ reader: FlagReader) {
        for (flag, type) in Self.sampleTypeFlags where reader.truth(flag) {
            if options.sampleIndex.isEmpty {
                options.sampleIndex = type
            } else {
                notices.append("Multiple value selections, ignoring -\(flag)")
            }
        }
        if reader.truth("mean_delay") { options.mean = true }
    }

    private mutating func setSources(_ reader: FlagReader) throws(Failure) {
        sources.buildID = reader.text("buildid")
        sources.seconds = reader.integer("seconds")
        sources.timeoutSeconds = reader.integer("timeout")
        sources.symbolization = reader.text("symbolize")
        sources.comment = reader.text("add_comment")
        sources.keepsAllFrames = reader.truth("all_frames")
        sources.certificateFile = reader.text("tls_cert")
        sources.keyFile = reader.text("tls_key")
        sources.authorityFile = reader.text("tls_ca")
        let base = reader.text("base")
        let differenceBase = reader.text("diff_base")
        if !base.isEmpty, !differenceBase.isEmpty {
            throw .conflict("-base and -diff_base flags cannot both be specified")
        }
        sources.bases = [base, differenceBase].filter { !$0.isEmpty }
        sources.isDifference = !differenceBase.isEmpty
        sources.normalizes = options.normalize
        if sources.normalizes, sources.bases.isEmpty {
            throw .conflict("must have base profile to normalize by")
        }
    }

    private static let sampleTypeFlags = [
        ("total_delay", "delay"), ("mean_delay", "delay"), ("contentions", "contentions"),
        ("inuse_space", "inuse_space"), ("inuse_objects", "inuse_objects"), ("alloc_space", "alloc_space"),
        ("alloc_objects", "alloc_objects"),
    ]

    private static let flags: FlagSet = {
        var flags = FlagSet()
        for field in OptionField.all {
            if field.choices.isEmpty {
                flags.kinds[field.name] = field.flagKind
            } else {
                for choice in field.choices { flags.kinds[choice] = .truth }
            }
        }
        for command in ReportCommand.all { flags.kinds[command.name] = command.takesExpression ? .text : .truth }
        for (name, _) in sampleTypeFlags { flags.kinds[name] = .truth }
        for name in ["all_frames", "no_browser"] { flags.kinds[name] = .truth }
        for name in ["seconds", "timeout"] { flags.kinds[name] = .integer }
        for name in [
            "add_comment", "base", "buildid", "diff_base", "http", "symbolize", "tls_ca", "tls_cert", "tls_key",
            "tools",
        ] {
            flags.kinds[name] = .text
        }
        return flags
    }()
}

/// The values of flags that are no options of reports, with their defaults.
private struct FlagReader {
    let values: [String: FlagSet.Value]

    func truth(_ name: String) -> Bool { values[name] == .truth(true) }

    func text(_ name: String) -> String {
        if case .text(let text) = values[name] { text } else { "" }
    }

    func integer(_ name: String) -> Int {
        if case .integer(let value) = values[name] { value } else { -1 }
    }
}

extension OptionField {
    fileprivate var flagKind: FlagSet.Kind {
        switch kind {
        case .truth, .order, .granularity: .truth
        case .integer: .integer
        case .number: .number
        case .text: .text
        }
    }

    /// Sets a value that was read as this option's kind of flag.
    fileprivate func set(_ value: FlagSet.Value, in options: inout ReportOptions) {
        switch (kind, value) {
        case (.truth(let path), .truth(let value)): options[keyPath: path] = value
        case (.integer(let path), .integer(let value)): options[keyPath: path] = value
        case (.number(let path), .number(let value)): options[keyPath: path] = value
        case (.text(let path), .text(let value)): options[keyPath: path] = value
        default: break
        }
    }
}

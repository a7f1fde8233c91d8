public import ProfileReport

/// One of pprof's options: its name, how it is read and printed, and what it is good for.
public struct OptionField: Sendable {
    /// What an option holds, and where `ReportOptions` keeps it.
    enum Kind: Sendable {
        case truth(any WritableKeyPath<ReportOptions, Bool> & Sendable)
        case integer(any WritableKeyPath<ReportOptions, Int> & Sendable)
        case number(any WritableKeyPath<ReportOptions, Double> & Sendable)
        case text(any WritableKeyPath<ReportOptions, String> & Sendable)
        /// One of a few words, each of which is a name of its own too.
        case order
        case granularity
    }

    /// The name, as in `nodecount=10`.
    public let name: String
    /// What the option does: one line, then more where there is more to say.
    public let help: [String]

    let kind: Kind

    init(_ name: String, _ kind: Kind, _ help: String...) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    /// The words that the option can have, if it has few; each is a name of the option as well (`cum` for `sort=cum`).
    public var choices: [String] {
        switch kind {
        case .order: ["cum", "flat"]
        case .granularity: ReportOptions.Granularity.allCases.map(\.rawValue)
        default: []
        }
    }

    /// Whether the option is true or false.
    public var isTruth: Bool {
        if case .truth = kind { return true }
        return false
    }

    /// The value in `options`, as pprof prints it.
    public func text(in options: ReportOptions) -> String {
        switch kind {
        case .truth(let path): String(options[keyPath: path])
        case .integer(let path): String(options[keyPath: path])
        case .number(let path): GoNumber.text(options[keyPath: path])
        case .text(let path): options[keyPath: path]
        case .order: options.sort.rawValue
        case .granularity: options.granularity?.rawValue ?? ""
        }
    }

    /// Reads `value` into `options`, in the syntax of pprof's shell.
    public func set(_ value: String, in options: inout ReportOptions) throws(OptionError) {
        switch kind {
        case .truth(let path): options[keyPath: path] = try GoNumber.truth(value)
        case .integer(let path): options[keyPath: path] = try GoNumber.integer(value)
        case .number(let path): options[keyPath: path] = try GoNumber.number(value)
        case .text(let path): options[keyPath: path] = value
        case .order:
            guard let order = ReportOptions.Order(rawValue: value) else {
                throw .notAChoice(option: name, value: value)
            }
            options.sort = order
        case .granularity:
            guard let granularity = ReportOptions.Granularity(rawValue: value) else {
                throw .notAChoice(option: name, value: value)
            }
            options.granularity = granularity
        }
    }
}

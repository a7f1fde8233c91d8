internal import ProfileReport

/// Why an option was not set, in pprof's words.
public enum OptionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is no number, by the function of Go's `strconv` that would have read it.
    case notANumber(function: String, text: String, problem: String)
    /// The text is neither true nor false.
    case notATruthValue(String)
    /// The option has no such choice.
    case notAChoice(option: String, value: String)
    /// There is no such option, or it is a choice that cannot be switched off.
    case unknown(String)

    /// The problem, for a reader.
    public var description: String {
        switch self {
        case .notANumber(let function, let text, let problem):
            "strconv.\(function): parsing \(GoQuoting.quote(text)): \(problem)"
        case .notATruthValue(let text): "illegal value \"\(text)\" for bool variable"
        case .notAChoice(let option, let value):
            "invalid \(GoQuoting.quote(option)) value \(GoQuoting.quote(value))"
        case .unknown(let name): "unknown config field \(GoQuoting.quote(name))"
        }
    }
}

/// Why a flag's value cannot be read, in the words of Go's package `flag`.
enum FlagValueError: String, Error {
    case syntax = "parse error"
    case range = "value out of range"
}

internal import ProfileReport

/// Flags in the syntax of Go's package `flag`: one or two dashes, `-name value` or `-name=value`, truth values only with
/// `=`; the first argument that is no flag ends them.
struct FlagSet {
    enum Kind {
        case truth, integer, number, text
    }

    /// The value of a flag that was given.
    enum Value: Equatable {
        case truth(Bool)
        case integer(Int)
        case number(Double)
        case text(String)
    }

    /// Why arguments are no flags.
    enum Failure: Error, Equatable, CustomStringConvertible {
        /// Help was asked for.
        case helpRequested
        case badSyntax(String)
        case unknown(String)
        case missingValue(String)
        case badTruthValue(String, flag: String)
        case badValue(String, flag: String, problem: String)

        /// The problem, in the words of Go's package.
        var description: String {
            switch self {
            case .helpRequested: "help requested"
            case .badSyntax(let argument): "bad flag syntax: \(argument)"
            case .unknown(let name): "flag provided but not defined: -\(name)"
            case .missingValue(let name): "flag needs an argument: -\(name)"
            case .badTruthValue(let value, let name):
                "invalid boolean value \(GoQuoting.quote(value)) for -\(name): parse error"
            case .badValue(let value, let name, let problem):
                "invalid value \(GoQuoting.quote(value)) for flag -\(name): \(problem)"
            }
        }
    }

    /// The flags that there are.
    var kinds: [String: Kind] = [:]

    /// The last value of each flag in `arguments`, and what follows the flags.
    func parse(_ arguments: [String]) throws(Failure) -> (values: [String: Value], rest: [String]) {
        var values: [String: Value] = [:]
        var rest = arguments[...]
        while let argument = rest.first, argument.utf8.count >= 2, argument.hasPrefix("-") {
            rest.removeFirst()
            if argument == "--" { break }
            let body = argument.dropFirst(argument.hasPrefix("--") ? 2 : 1)
            guard let first = body.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "=") else {
                throw .badSyntax(argument)
            }
            let parts = body.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            var value = parts.count > 1 ? String(parts[1]) : nil
            guard let kind = kinds[name] else {
                throw name == "help" || name == "h" ? .helpRequested : .unknown(name)
            }
            if kind != .truth, value == nil {
                guard let next = rest.first else { throw .missingValue(name) }
                rest.removeFirst()
                value = next
            }
            values[name] = try Self.read(value, kind, name)
        }
        return (values, Array(rest))
    }

    private static func read(_ value: String?, _ kind: Kind, _ name: String) throws(Failure) -> Value {
        guard let value else { return .truth(true) }
        do throws(FlagValueError) {
            switch kind {
            case .text: return .text(value)
            case .integer: return .integer(try GoNumber.flagInteger(value))
            case .number: return .number(try GoNumber.flagNumber(value))
            case .truth: break
            }
        } catch {
            throw .badValue(value, flag: name, problem: error.rawValue)
        }
        guard let truth = GoNumber.strictTruth(value) else { throw .badTruthValue(value, flag: name) }
        return .truth(truth)
    }
}

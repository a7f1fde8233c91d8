/// Where names of functions come from: pprof's `-symbolize`, words separated by colons.
///
/// Facts: github.com/google/pprof `internal/symbolizer/symbolizer.go`.
public struct SymbolizationMode: Sendable, Equatable {
    /// How much of a C++ name is kept.
    public enum Demangling: String, Sendable {
        /// Names without arguments.
        case simplified = "default"
        /// Names without arguments of functions.
        case templates
        /// Whole names.
        case full
        /// Names as the linker knows them.
        case none
    }

    /// Nothing is done to the names that the profile has.
    public private(set) var isOff = false
    /// Files of this machine are read for what has no name.
    public private(set) var isLocal = true
    /// The servers that profiles came from are asked for what has no name then.
    public private(set) var isRemote = true
    /// Files of this machine are read for everything.
    public private(set) var isForced = false
    /// How much of a C++ name is kept.
    public private(set) var demangling = Demangling.simplified
    /// What is to be said of words that are not known.
    public private(set) var notices: [String] = []

    /// The meaning of `text`.
    public init(_ text: String) {
        for word in text.lowercased().split(separator: ":") {
            switch word {
            case "none", "no":
                isOff = true
                return
            case "local", "fastlocal": (isLocal, isRemote) = (true, false)
            case "remote": (isLocal, isRemote) = (false, true)
            case "force": isForced = true
            default:
                if let kind = Demangling(rawValue: String(word.trimmingPrefix("demangle="))) {
                    if kind != .simplified {
                        demangling = kind
                        isForced = true
                    }
                } else {
                    notices.append("ignoring unrecognized symbolization option: " + text)
                    notices.append(
                        "expecting -symbolize=[local|fastlocal|remote|none][:force]"
                            + "[:demangle=[none|full|templates|default]")
                }
            }
        }
    }
}

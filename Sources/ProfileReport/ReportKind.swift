/// What a report shows: a command of pprof, without those that only hand the result of another on to a program.
///
/// Facts: github.com/google/pprof `internal/driver/commands.go` and `driver.go` (`applyCommandOverrides`).
public enum ReportKind: String, Sendable, CaseIterable {
    /// Entries by cost: also `text`.
    case top
    /// Entries with their callers and callees.
    case tree
    /// As `tree`, of the entries that match an expression.
    case peek
    /// The call graph in Graphviz's language: also `svg`, `png`, `pdf`, `ps`, `gif`, `web`, `eog`, `evince`, `gv`.
    case dot
    /// The call graph in KCachegrind's format.
    case callgrind
    /// The entries of `top` as a profile.
    case topproto
    /// Every sample.
    case traces
    /// The labels with what they cost.
    case tags
    /// The profile's comments.
    case comments
    /// The profile as text.
    case raw
    /// The profile as a profile, after the filters.
    case proto
    /// Sources with what their lines cost.
    case list
    /// Sources and machine code as a page.
    case weblist
    /// Machine code with what its instructions cost.
    case disasm

    /// Whether the report draws calls, so that the order of nodes and what is left out are made for the eye.
    var isGraphical: Bool { self == .dot }

    /// Whether the call_tree option counts.
    var honoursCallTree: Bool { self == .dot || self == .callgrind }

    /// Whether functions of the same name in different binaries are told apart.
    var tellsBinariesApart: Bool {
        switch self {
        case .raw, .list, .weblist, .disasm, .callgrind: true
        default: false
        }
    }

    /// `options` with what this kind of report sets whatever the user says, and its defaults where the user says
    /// nothing. Resolving twice changes nothing.
    public func resolve(_ options: ReportOptions) -> ReportOptions {
        var resolved = options
        switch self {
        case .disasm:
            resolved.trim = false
            resolved.granularity = .addresses
            // An address has one entry only without inlined calls; else its cost would be counted several times.
            resolved.noInlines = true
        case .weblist:
            resolved.trim = false
            resolved.granularity = .addresses
            resolved.noInlines = false
        case .peek:
            resolved.trim = false
        case .list:
            resolved.trim = false
            resolved.granularity = .lines
        case .top, .topproto:
            if resolved.nodeCount == -1 { resolved.nodeCount = 0 }
        default:
            if resolved.nodeCount == -1 { resolved.nodeCount = 80 }
        }
        switch self {
        case .proto, .raw, .callgrind:
            resolved.trim = false
            resolved.granularity = .addresses
        default: break
        }
        if !resolved.trim {
            resolved.nodeCount = 0
            resolved.nodeFraction = 0
            resolved.edgeFraction = 0
        }
        return resolved
    }
}

/// What a worker takes on over a file: less each time that one has failed over it.
public enum SymbolizeEffort: UInt8, Comparable, Sendable {
    /// Debug information, and all demanglers.
    case full
    /// Debug information, and only demanglers that no name can crash or hang: Swift names stay mangled, and C++ names of rare forms.
    case ownDemanglers
    /// The file's own symbol table and nothing else, names as before.
    case symbolTable

    /// What to try after this has failed; nil if there is nothing left.
    var next: SymbolizeEffort? { SymbolizeEffort(rawValue: rawValue + 1) }

    /// Whether the first takes on more.
    public static func < (left: SymbolizeEffort, right: SymbolizeEffort) -> Bool { left.rawValue < right.rawValue }
}

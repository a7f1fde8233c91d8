/// Where a file's debug information may be looked for, and what is made of names.
public struct SymbolizerOptions: Hashable, Sendable {
    /// The root directory of the process that ran the file, `/proc/PID/root` say; empty for our own.
    public var searchRoot: String
    /// Directories with separate debug files, below `searchRoot`.
    public var debugDirectories: [String]
    /// Whether debuginfod servers (`DEBUGINFOD_URLS`) may be asked, which takes time and tells them what is profiled.
    public var debuginfod: Bool
    /// How long servers may take for all that belongs to one file.
    public var debuginfodTimeoutSeconds: Int
    /// What makes display names; nothing, unless told otherwise.
    public var demanglers: Demanglers

    /// Local files only, unless told otherwise.
    public init(
        searchRoot: String = "", debugDirectories: [String] = ["/usr/lib/debug"], debuginfod: Bool = false,
        debuginfodTimeoutSeconds: Int = 20, demanglers: Demanglers = .none
    ) {
        self.searchRoot = searchRoot
        self.debugDirectories = debugDirectories
        self.debuginfod = debuginfod
        self.debuginfodTimeoutSeconds = debuginfodTimeoutSeconds
        self.demanglers = demanglers
    }
}

/// Why a file cannot be symbolized at all.
public enum SymbolizerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file is not an ELF file, or not a usable one.
    case notELF(path: String, reason: String)
    /// The file cannot be read.
    case unreadable(path: String, reason: String)
    /// The file is not the one that ran.
    case buildIDMismatch(path: String, expected: String, found: String)

    /// What was tried, on which file, and why it failed.
    public var description: String {
        switch self {
        case .notELF(let path, let reason): "\(path) is not a usable ELF file: \(reason)"
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .buildIDMismatch(let path, let expected, let found):
            "\(path) has build ID \(found), but the file that ran has \(expected)"
        }
    }
}

/// Where a file's names came from.
public struct SymbolSources: Hashable, Sendable {
    /// A place of debug information.
    public enum DebugInformation: Hashable, Sendable {
        case own, debugLink(String), buildID(String), debuginfod(String)
    }

    /// Where functions and lines came from; nil if only symbols were found.
    public var debugInformation: DebugInformation?
    /// The file that dwz moved common parts to.
    public var alternateFile: String?
    /// How many .dwo files were opened.
    public var splitFileCount = 0
    /// Whether a .dwp package was opened.
    public var usesPackage = false
    /// Whether `.symtab` gave symbols.
    public var symbolTable = false
    /// Whether `.dynsym` gave symbols.
    public var dynamicSymbols = false
    /// Whether `.gnu_debugdata` gave symbols.
    public var miniDebugInformation = false
    /// Whether the tables of Go's runtime gave functions and lines.
    public var goFunctionTable = false
    /// What was missing, damaged or ignored, for the user.
    public var warnings: [String] = []

    /// Nothing found yet.
    public init() {}
}

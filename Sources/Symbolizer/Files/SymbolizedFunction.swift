/// What is known of one function. All frames of the function share it, so that it can be recognised by identity: things
/// that are made once per function need no look-up by name.
public final class SymbolizedFunction: Sendable {
    /// The name as the linker knows it, not demangled, or the plain name where there is no other.
    public let linkageName: String
    /// A better name for a reader, where there is one: demangled, or `scope::operator()` of a lambda.
    public let displayName: String?
    /// The line where the function is declared; 0 if unknown.
    public let startLine: Int

    /// A function; what is not given is unknown.
    public init(linkageName: String, displayName: String? = nil, startLine: Int = 0) {
        self.linkageName = linkageName
        self.displayName = displayName
        self.startLine = startLine
    }
}

extension SymbolizedFunction: Hashable {
    /// Whether both say the same.
    public static func == (left: SymbolizedFunction, right: SymbolizedFunction) -> Bool {
        left === right
            || left.linkageName == right.linkageName && left.displayName == right.displayName
                && left.startLine == right.startLine
    }

    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(linkageName)
        hasher.combine(displayName)
        hasher.combine(startLine)
    }
}

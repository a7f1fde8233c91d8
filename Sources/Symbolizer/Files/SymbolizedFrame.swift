/// A function and a position in it.
public struct SymbolizedFrame: Hashable, Sendable {
    /// The function, inlined or not.
    public var function: SymbolizedFunction
    /// The normalised path of the source file; empty if unknown.
    public var file: String
    /// The line in `file`; 0 if unknown. For the caller of an inlined function it is the line of the call.
    public var line: Int

    /// The function's name as the linker knows it.
    public var linkageName: String { function.linkageName }
    /// The function's name for a reader, if it has a better one.
    public var displayName: String? { function.displayName }
    /// The line where the function is declared; 0 if unknown.
    public var startLine: Int { function.startLine }

    /// A position in `function`; what is not given is unknown.
    public init(_ function: SymbolizedFunction, file: String = "", line: Int = 0) {
        self.function = function
        self.file = file
        self.line = line
    }

    /// A position in a function of its own.
    public init(linkageName: String, displayName: String? = nil, file: String = "", line: Int = 0, startLine: Int = 0) {
        self.init(
            SymbolizedFunction(linkageName: linkageName, displayName: displayName, startLine: startLine), file: file,
            line: line)
    }
}

/// The functions that one address lies in.
public struct SymbolizedAddress: Hashable, Sendable {
    /// The innermost inlined function first, the function that the code belongs to last; empty if nothing is known.
    public var frames: [SymbolizedFrame]

    /// The frames around one address, innermost first.
    public init(frames: [SymbolizedFrame] = []) {
        self.frames = frames
    }
}

/// One function, inlined or not, around an address.
public struct SymbolizedFrame: Hashable, Sendable {
    /// The name as the linker knows it, not demangled, or the plain name where there is no other.
    public var linkageName: String
    /// A better name for a reader, where demangling `linkageName` does not give it: `scope::operator()` of a lambda.
    public var displayName: String?
    /// The normalised path of the source file; empty if unknown.
    public var file: String
    /// The line in `file`; 0 if unknown. For the caller of an inlined function it is the line of the call.
    public var line: Int
    /// The line where the function is declared; 0 if unknown.
    public var startLine: Int
    /// Whether the function was inlined into the next frame's.
    public var isInlined: Bool

    /// One frame; what is not given is unknown.
    public init(
        linkageName: String, displayName: String? = nil, file: String = "", line: Int = 0, startLine: Int = 0,
        isInlined: Bool = false
    ) {
        self.linkageName = linkageName
        self.displayName = displayName
        self.file = file
        self.line = line
        self.startLine = startLine
        self.isInlined = isInlined
    }
}

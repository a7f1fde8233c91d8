/// A function of a profile, as its position in `Profile.functions`; a file states it as the id `rawValue + 1`.
@frozen
public struct FunctionIndex: Hashable, Sendable {
    /// The position in the array.
    public let rawValue: UInt32

    /// The element at `rawValue`.
    @inlinable
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

/// A function that sampled code belongs to.
public struct Function: Hashable, Sendable {
    /// The name to show.
    public var name: StringID
    /// The name as the linker knows it, mangled. Where it differs from `name`, pprof shows `name` untouched; where it
    /// is the same, pprof demangles it and strips `<…>` and `(…)`.
    public var systemName: StringID
    /// The source file, or empty.
    public var filename: StringID
    /// The line on which the function starts, or 0.
    public var startLine: Int64

    /// A function with these names.
    public init(name: StringID, systemName: StringID, filename: StringID = .empty, startLine: Int64 = 0) {
        self.name = name
        self.systemName = systemName
        self.filename = filename
        self.startLine = startLine
    }
}

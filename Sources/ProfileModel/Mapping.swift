public import Primitives

/// A mapping of a profile, as its position in `Profile.mappings`; a file states it as the id `rawValue + 1`.
@frozen
public struct MappingIndex: Hashable, Sendable {
    /// The position in the array.
    public let rawValue: UInt32

    /// The element at `rawValue`.
    @inlinable
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

/// A part of a file that was mapped into the profiled process. The first of a profile is its main program.
public struct Mapping: Hashable, Sendable {
    /// The first address of the mapping.
    public var start: Address
    /// The address behind its last byte. Files may state anything here, so it is no `Range`.
    public var limit: Address
    /// The place in the file that `start` shows.
    public var fileOffset: FileOffset
    /// The file's path, or a name such as `[vdso]` or `[kernel.kallsyms]_text`.
    public var filename: StringID
    /// The file's build ID in hexadecimal digits, or empty.
    public var buildID: StringID
    /// Every location of this mapping has a function. Viewers do not look for names where this is set.
    public var hasFunctions = false
    /// Every function of this mapping has a source file.
    public var hasFilenames = false
    /// Every location of this mapping has line numbers.
    public var hasLineNumbers = false
    /// Inlined calls were resolved.
    public var hasInlineFrames = false

    /// A mapping of which nothing is resolved yet.
    public init(start: Address, limit: Address, fileOffset: FileOffset, filename: StringID, buildID: StringID) {
        self.start = start
        self.limit = limit
        self.fileOffset = fileOffset
        self.filename = filename
        self.buildID = buildID
    }
}

public import Primitives

/// A location of a profile, as its position in `Profile.locations`; a file states it as the id `rawValue + 1`.
@frozen
public struct LocationIndex: Hashable, Sendable {
    /// The position in the array.
    public let rawValue: UInt32

    /// The element at `rawValue`.
    @inlinable
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

/// A line of a function.
public struct Line: Hashable, Sendable {
    /// The function that the line belongs to.
    public var function: FunctionIndex
    /// The line in the function's file, or 0.
    public var line: Int64
    /// The column of that line, or 0.
    public var column: Int64

    /// A line of `function`.
    public init(function: FunctionIndex, line: Int64 = 0, column: Int64 = 0) {
        self.function = function
        self.line = line
        self.column = column
    }
}

/// A place in code: an address and what is known of it.
public struct Location: Hashable, Sendable {
    /// The mapping that holds the address, if one is known.
    public var mapping: MappingIndex?
    /// The address in the process. Of a caller, an address within its call instruction (return address − 1).
    public var address: Address
    /// The inlined calls at this address, innermost callee first; the last is the function that the address lies in.
    public var lines: [Line]
    /// Several functions share this address after identical-code folding, and the one named may be another.
    public var isFolded: Bool

    /// A place in code.
    public init(mapping: MappingIndex?, address: Address, lines: [Line] = [], isFolded: Bool = false) {
        self.mapping = mapping
        self.address = address
        self.lines = lines
        self.isFolded = isFolded
    }
}

/// A string of a profile, as its position in the profile's string table.
@frozen
public struct StringID: Hashable, Sendable {
    /// The position; 0 is the empty string.
    public let rawValue: UInt32

    /// The string at `rawValue`.
    @inlinable
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The empty string, which in most places means "unknown".
    public static let empty = StringID(rawValue: 0)

    /// Whether this is the empty string.
    @inlinable
    public var isEmpty: Bool { rawValue == 0 }
}

/// Every distinct string of a profile, once, in the order in which they came; the first is empty.
public struct StringTable: Sendable {
    /// The strings by `StringID.rawValue`.
    public private(set) var strings: [String]

    private var identifiers: [String: StringID]

    /// A table that holds only the empty string.
    public init() {
        strings = [""]
        identifiers = ["": .empty]
    }

    /// The number of distinct strings, at least 1.
    public var count: Int { strings.count }

    /// The identifier of `string`, which is added if it is new. O(length).
    ///
    /// Two strings are the same here if Swift says so; text that differs only in its Unicode normalisation is kept once.
    public mutating func intern(_ string: String) -> StringID {
        if let known = identifiers[string] { return known }
        let identifier = StringID(rawValue: UInt32(strings.count))
        strings.append(string)
        identifiers[string] = identifier
        return identifier
    }

    /// The identifier of `string` if the table has it. O(length).
    public func identifier(of string: String) -> StringID? {
        identifiers[string]
    }

    /// The string behind `identifier`, which must come from this table.
    public subscript(identifier: StringID) -> String {
        strings[Int(identifier.rawValue)]
    }
}

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

    private var identifiers: [Bytes: StringID]

    /// A table that holds only the empty string.
    public init() {
        strings = [""]
        identifiers = [Bytes(text: ""): .empty]
    }

    /// The number of distinct strings, at least 1.
    public var count: Int { strings.count }

    /// The identifier of `string`, which is added if it is new. O(length).
    ///
    /// Two strings are the same here if their bytes are, as in a file; to Swift `é` in one scalar and in two is the same
    /// text.
    public mutating func intern(_ string: String) -> StringID {
        let next = StringID(rawValue: UInt32(strings.count))
        let identifier = identifiers.value(of: Bytes(text: string), adding: next)
        if identifier == next { strings.append(string) }
        return identifier
    }

    /// The identifier of `string` if the table has it. O(length).
    public func identifier(of string: String) -> StringID? {
        identifiers[Bytes(text: string)]
    }

    /// The string behind `identifier`, which must come from this table.
    public subscript(identifier: StringID) -> String {
        strings[Int(identifier.rawValue)]
    }

    /// Makes room for `count` strings in all.
    public mutating func reserveCapacity(_ count: Int) {
        strings.reserveCapacity(count)
        identifiers.reserveCapacity(count)
    }
}

extension Dictionary {
    /// The value of `key`, which is `new` from now on if it had none. Hashes the key once.
    @inlinable package mutating func value(of key: Key, adding new: Value) -> Value {
        func read(_ value: inout Value) -> Value { value }
        return read(&self[key, default: new])
    }
}

/// A string that is compared by its bytes.
private struct Bytes: Hashable {
    let text: String

    static func == (left: Bytes, right: Bytes) -> Bool {
        var (left, right) = (left.text, right.text)
        return left.withUTF8 { left in
            right.withUTF8 { right in unsafe left.elementsEqual(right) }
        }
    }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { bytes in unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes)) }
        hasher.combine(text.utf8.count)
    }
}

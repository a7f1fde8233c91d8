/// Something said of a sample beside its stack: the thread that it came from, the size of an allocation.
public struct Label: Hashable, Sendable {
    /// The text or number of a label; the format knows no label with both.
    public enum Value: Hashable, Sendable {
        case string(StringID)
        /// A number; an empty unit leaves it to the viewer to guess (pprof takes the key for the unit).
        case number(Int64, unit: StringID)
    }

    /// What is stated: `thread`, `bytes`. Keys that start with `pprof::` are reserved.
    public var key: StringID
    /// What is stated of it.
    public var value: Value

    /// A label with `value`.
    public init(key: StringID, value: Value) {
        self.key = key
        self.value = value
    }

    /// A label with text.
    public init(key: StringID, string: StringID) {
        self.init(key: key, value: .string(string))
    }

    /// A label with a number.
    public init(key: StringID, number: Int64, unit: StringID) {
        self.init(key: key, value: .number(number, unit: unit))
    }

    /// Whether the label has text rather than a number.
    public var isText: Bool {
        if case .string = value { return true }
        return false
    }

    /// Whether the label has text, and that is empty: profile.proto cannot express such a label.
    public var isEmptyText: Bool {
        if case .string(.empty) = value { return true }
        return false
    }
}

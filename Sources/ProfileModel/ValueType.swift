/// What a value of a sample counts, and in which unit.
public struct ValueType: Hashable, Sendable {
    /// What is counted: `samples`, `cpu`.
    public var type: StringID
    /// The unit of the numbers: `count`, `nanoseconds`, `bytes`.
    public var unit: StringID

    /// A type and its unit.
    public init(type: StringID, unit: StringID) {
        self.type = type
        self.unit = unit
    }
}

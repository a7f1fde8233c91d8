/// The number of a process (a thread group) in sprof's own pid namespace.
@frozen
public struct ProcessID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number as the kernel's interfaces take it (`pid_t`).
    public var value: Int32

    @inlinable
    public init(_ value: Int32) {
        self.value = value
    }

    @inlinable
    public static func < (left: ProcessID, right: ProcessID) -> Bool {
        left.value < right.value
    }

    /// The decimal number.
    public var description: String { String(value) }
}

/// The number of a thread in sprof's own pid namespace.
@frozen
public struct ThreadID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number as the kernel's interfaces take it (`pid_t`).
    public var value: Int32

    @inlinable
    public init(_ value: Int32) {
        self.value = value
    }

    @inlinable
    public static func < (left: ThreadID, right: ThreadID) -> Bool {
        left.value < right.value
    }

    /// The decimal number.
    public var description: String { String(value) }
}

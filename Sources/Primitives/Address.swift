/// An address in the virtual memory of a running process (or of the kernel).
@frozen
public struct Address: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The address as the CPU sees it.
    public var value: UInt64

    @inlinable
    public init(_ value: UInt64) {
        self.value = value
    }

    @inlinable
    public static func < (left: Address, right: Address) -> Bool {
        left.value < right.value
    }

    /// The address as `0x…`, in hexadecimal.
    public var description: String { hexadecimal(value) }
}

/// An address as an ELF file states it (`p_vaddr`, `st_value`, `DW_AT_low_pc`): before the loader moved the file.
@frozen
public struct FileAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The ELF virtual address.
    public var value: UInt64

    @inlinable
    public init(_ value: UInt64) {
        self.value = value
    }

    @inlinable
    public static func < (left: FileAddress, right: FileAddress) -> Bool {
        left.value < right.value
    }

    /// The address as `0x…`, in hexadecimal.
    public var description: String { hexadecimal(value) }
}

/// A position in a file, in bytes from its start.
@frozen
public struct FileOffset: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number of bytes from the start of the file.
    public var value: UInt64

    @inlinable
    public init(_ value: UInt64) {
        self.value = value
    }

    @inlinable
    public static func < (left: FileOffset, right: FileOffset) -> Bool {
        left.value < right.value
    }

    /// The offset as `0x…`, in hexadecimal.
    public var description: String { hexadecimal(value) }
}

/// `value` in lower-case hexadecimal with the prefix `0x`.
public func hexadecimal(_ value: UInt64) -> String {
    "0x" + String(value, radix: 16)
}

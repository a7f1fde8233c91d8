public import Primitives

/// Reads the code that a process makes at run time, which no file has.
///
/// A class, since a value of unknown size would make every `AddressSpace` costly to pass on.
public final class RuntimeCode: Sendable {
    private let bytes: @Sendable (_ address: Address, _ count: Int) -> [UInt8]

    /// `bytes` gives at most `count` bytes of the process's memory from `address` on; fewer, or none, where it cannot be
    /// read.
    public init(_ bytes: @escaping @Sendable (_ address: Address, _ count: Int) -> [UInt8]) {
        self.bytes = bytes
    }

    /// What is known of the bytes around `address`.
    func window(around address: Address) -> CodePages.Window {
        var window = CodePages.Window()
        let before = CodePages.Window.before
        guard address.value >= UInt64(before) else { return window }
        var bytes = self.bytes(Address(address.value - UInt64(before)), CodePages.Window.size)
        var first = 0
        if bytes.isEmpty {
            // The page before may be anything.
            bytes = self.bytes(address, CodePages.Window.size - before)
            first = before
        }
        for (position, byte) in bytes.enumerated() where first + position < CodePages.Window.size {
            window.bytes[first + position] = byte
        }
        window.valid = first..<min(first + bytes.count, CodePages.Window.size)
        return window
    }
}

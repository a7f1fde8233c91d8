/// The copy of the top of a thread's stack.
///
/// A pointer and not a span, since it is used in the innermost loop and in mutable state beside it; made by
/// `Unwinder.unwind` within the scope of the span, and never stored. Every access is checked, hence `@safe`.
@safe
struct StackMemory {
    private let base: UnsafeRawPointer?
    /// The address of the first byte: the stack pointer.
    let start: UInt64
    let count: UInt64

    /// `bytes` must outlive the value.
    @unsafe
    init(_ bytes: UnsafeRawBufferPointer, start: UInt64) {
        unsafe base = bytes.baseAddress
        self.start = start
        // A copy that would wrap around the address space is cut.
        count = min(UInt64(bytes.count), UInt64.max &- start)
    }

    /// The word at `address`; nil when (partly) outside the copy.
    @inline(__always)
    func word(at address: UInt64) -> UInt64? {
        let offset = address &- start
        guard offset < count, count &- offset >= 8, let base = unsafe base else { return nil }
        // In bounds by the check above.
        return unsafe base.loadUnaligned(fromByteOffset: Int(truncatingIfNeeded: offset), as: UInt64.self)
    }

    /// The `size` low bytes of the word at `address`, zero-extended.
    func number(at address: UInt64, size: UInt64) -> UInt64? {
        let offset = address &- start
        guard size >= 1, size <= 8, offset < count, count &- offset >= size, let base = unsafe base else { return nil }
        var result: UInt64 = 0
        for position in 0..<size {
            // In bounds by the check above.
            let byte = unsafe base.load(fromByteOffset: Int(offset &+ position), as: UInt8.self)
            result |= UInt64(byte) << (8 &* position)
        }
        return result
    }
}

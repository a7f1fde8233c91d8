/// The bytes of one section of a file, kept alive by whoever maps or holds them.
@safe
struct SectionBytes: Sendable {
    // Never written to and never freed while `owner` lives, which is why any thread may read through the pointer.
    private nonisolated(unsafe) let base: UnsafeRawPointer
    private let owner: (any Sendable & AnyObject)?

    /// The number of bytes.
    let count: Int

    /// No bytes: a section that a file does not have.
    static let none = unsafe SectionBytes(UnsafeRawBufferPointer(start: nil, count: 0), owner: nil)

    /// The bytes of `buffer`, which must stay as they are for as long as `owner` lives.
    init(_ buffer: UnsafeRawBufferPointer, owner: (any Sendable & AnyObject)?) {
        // The address without bytes is never read from.
        unsafe base = buffer.baseAddress ?? UnsafeRawPointer(bitPattern: 16).unsafelyUnwrapped
        count = buffer.count
        self.owner = owner
    }

    /// A copy of `bytes`.
    init(_ bytes: [UInt8]) {
        let holder = ByteHolder(bytes)
        unsafe self.init(UnsafeRawBufferPointer(holder.buffer), owner: holder)
    }

    var isEmpty: Bool { count == 0 }

    /// The bytes for reading, without copying them.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // `owner`, which self holds, keeps the memory alive.
            unsafe _overrideLifetime(
                RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: base, count: count)), borrowing: self)
        }
    }
}

/// Memory that holds a copy of an array at a fixed place.
@safe
private final class ByteHolder: Sendable {
    nonisolated(unsafe) let buffer: UnsafeMutableRawBufferPointer

    init(_ bytes: [UInt8]) {
        unsafe buffer = .allocate(byteCount: bytes.count, alignment: 16)
        unsafe buffer.copyBytes(from: bytes)
    }

    deinit {
        unsafe buffer.deallocate()
    }
}

import Glibc
import Primitives

/// The bytes of a profile while it is read, in memory of their own.
///
/// It grows by `realloc`, which moves the pages of large blocks instead of copying them, so that a profile is never held
/// twice.
@safe struct MessageBuffer: ~Copyable {
    /// The number of bytes in it.
    private(set) var count = 0

    private var base: UnsafeMutableRawPointer?
    private var capacity = 0

    deinit {
        unsafe free(base)
    }

    /// The bytes in it.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        borrowing get {
            // The memory belongs to this buffer, and nothing can grow it while the span is borrowed from it.
            unsafe _overrideLifetime(
                RawSpan(_unsafeBytes: UnsafeRawBufferPointer(start: base, count: count)), borrowing: self)
        }
    }

    /// Lets `fill` write behind the last byte, into room for at least `byteCount` bytes, and takes what it returns for
    /// the number of bytes that it has written.
    mutating func append(
        reserving byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int
    ) throws(ProfileReadError) {
        if capacity - count < byteCount {
            let larger = max(capacity + capacity / 2, count + byteCount)
            guard let moved = unsafe realloc(base, larger) else { throw .outOfMemory(byteCount: larger) }
            unsafe base = moved
            capacity = larger
        }
        guard let start = unsafe base else { return }
        count += unsafe fill(UnsafeMutableRawBufferPointer(start: start + count, count: capacity - count))
    }

    /// Copies `span` behind the last byte.
    mutating func append(_ span: RawSpan) throws(ProfileReadError) {
        unsafe try append(reserving: span.byteCount) { room in
            unsafe span.withUnsafeBytes { source in unsafe room.copyMemory(from: source) }
            return span.byteCount
        }
    }
}

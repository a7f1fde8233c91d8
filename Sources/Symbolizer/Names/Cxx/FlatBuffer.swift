internal import Glibc

/// Elements in memory of their own, kept from one use to the next: what the C++ demangler works in.
///
/// Every access is checked. An array would be checked for another owner as well before each change.
@safe struct FlatBuffer<Element: BitwiseCopyable>: ~Copyable {
    private(set) var count = 0
    private var base: UnsafeMutablePointer<Element>
    private var capacity: Int

    /// Elements behind `capacity` that belong to the buffer too, so that short texts can be copied without looking at their length.
    private static var slack: Int { 16 }

    init(capacity: Int) {
        self.capacity = max(capacity, 16)
        unsafe base = .allocate(capacity: self.capacity + Self.slack)
    }

    deinit {
        unsafe base.deallocate()
    }

    subscript(index: Int) -> Element {
        @inline(__always) get {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return unsafe base[index]
        }
        @inline(__always) _modify {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            yield unsafe &base[index]
        }
    }

    @inline(__always)
    mutating func append(_ element: Element) {
        if count == capacity { reserve(1) }
        unsafe base[count] = element
        count &+= 1
    }

    /// Drops the elements behind the first `newCount`.
    @inline(__always)
    mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count)
        count = newCount
    }

    /// Makes room for `more` elements.
    @inline(never)
    private mutating func reserve(_ more: Int) {
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity + Self.slack)
        unsafe larger.update(from: base, count: count)
        unsafe base.deallocate()
        unsafe base = larger
    }
}

extension FlatBuffer<UInt8> {
    /// Adds a text of the program's own.
    @inline(__always)
    mutating func append(_ text: StaticString) {
        let more = text.utf8CodeUnitCount
        if more > capacity &- count { reserve(more) }
        unsafe memcpy(base + count, text.utf8Start, more)
        count &+= more
    }

    /// Adds the bytes of `span`.
    mutating func append(_ span: Span<UInt8>) {
        if span.isEmpty { return }
        if span.count > capacity - count { reserve(span.count) }
        unsafe span.withUnsafeBufferPointer { span in
            if let start = span.baseAddress { unsafe _ = memcpy(base + count, start, span.count) }
        }
        count += span.count
    }

    /// Adds `length` bytes of another buffer.
    @inline(__always)
    mutating func append(_ other: borrowing FlatBuffer<UInt8>, from start: Int, count length: Int) {
        precondition(start >= 0 && length >= 0 && length <= other.count &- start)
        if length > capacity &- count { reserve(length) }
        if length <= Self.slack {
            // Most identifiers are; both buffers have as much behind their ends.
            let bytes = unsafe UnsafeRawPointer(other.base + start).loadUnaligned(as: SIMD16<UInt8>.self)
            unsafe UnsafeMutableRawPointer(base + count).storeBytes(of: bytes, as: SIMD16<UInt8>.self)
        } else {
            unsafe memcpy(base + count, other.base + start, length)
        }
        count &+= length
    }

    /// Adds `length` of this buffer's own bytes again.
    @inline(__always)
    mutating func repeatBytes(from start: Int, count length: Int) {
        precondition(start >= 0 && length >= 0 && length <= count &- start)
        if length > capacity &- count { reserve(length) }
        unsafe memcpy(base + count, base + start, length)
        count &+= length
    }

    /// Whether the bytes at `start` are those of `text`.
    func holds(_ text: StaticString, at start: Int) -> Bool {
        let length = text.utf8CodeUnitCount
        guard start >= 0, length <= count - start else { return false }
        return unsafe memcmp(base + start, text.utf8Start, length) == 0
    }

    /// The bytes as text.
    var text: String {
        unsafe String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
    }
}

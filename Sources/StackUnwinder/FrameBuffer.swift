public import Primitives

/// What is special about one frame.
public struct FrameFlags: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Any bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The address is where a call returns to: names and lines are those of the address minus one.
    public static let isReturnAddress = FrameFlags(rawValue: 1)
    /// Found without unwind information and not proved by the code: probable, not certain.
    public static let guessed = FrameFlags(rawValue: 2)
}

/// The frames of one stack, leaf first; made once and reused for every sample, so that unwinding never allocates.
@safe
public struct FrameBuffer: ~Copyable {
    /// The number of frames that fit.
    public let capacity: Int
    /// The number of frames.
    public private(set) var count = 0
    // Owned; both have room for `capacity` elements, of which `count` are initialized.
    private let addressStorage: UnsafeMutablePointer<Address>
    private let flagStorage: UnsafeMutablePointer<FrameFlags>

    /// Room for `capacity` frames; the default holds every stack of 64 KB.
    public init(capacity: Int = 8_192) {
        self.capacity = max(capacity, 1)
        unsafe addressStorage = .allocate(capacity: self.capacity)
        unsafe flagStorage = .allocate(capacity: self.capacity)
    }

    deinit {
        unsafe addressStorage.deallocate()
        unsafe flagStorage.deallocate()
    }

    /// The addresses, leaf first: the sampled one as it is, callers as return addresses.
    public var addresses: Span<Address> {
        @_lifetime(borrow self)
        get {
            let span = unsafe Span(_unsafeStart: addressStorage, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// One set of flags per address.
    public var flags: Span<FrameFlags> {
        @_lifetime(borrow self)
        get {
            let span = unsafe Span(_unsafeStart: flagStorage, count: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Forgets all frames.
    public mutating func removeAll() {
        count = 0
    }

    /// Adds the next outer frame; false when the buffer is full.
    @inline(__always)
    mutating func append(_ address: UInt64, _ flags: FrameFlags) -> Bool {
        guard count < capacity else { return false }
        unsafe addressStorage[count] = Address(address)
        unsafe flagStorage[count] = flags
        count &+= 1
        return true
    }
}

/// The location numbers of one stack while it is put together; made once and reused for every sample.
struct LocationList: ~Copyable {
    private var storage: [UInt32]
    private var count = 0

    init() {
        storage = [UInt32](repeating: 0, count: 1024)
    }

    /// The numbers, leaf first.
    var span: Span<UInt32> {
        @_lifetime(borrow self)
        get { storage.span.extracting(0..<count) }
    }

    mutating func removeAll() {
        count = 0
    }

    /// Adds an outer frame. Allocates only when a stack is longer than every one before.
    mutating func append(_ location: UInt32) {
        if count == storage.count { storage.append(contentsOf: repeatElement(0, count: storage.count)) }
        storage[count] = location
        count += 1
    }
}

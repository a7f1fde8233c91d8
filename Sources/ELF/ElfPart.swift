import Glibc
public import Primitives

/// A part of an image of which only those pieces are in memory that were asked for; all others read as zeros.
///
/// For tables of which few entries are looked at: what is to be read is asked for just before. Belongs to one thread.
@safe
public final class ElfPart {
    /// The number of bytes, in memory or not.
    public let byteCount: Int

    /// The number of bytes that are in memory, rounded up to pieces.
    public private(set) var filledByteCount = 0

    /// Nil where the bytes never were in a file.
    private let image: ElfImage?
    private let offset: FileOffset
    /// Anonymous memory, which takes room when it is first written to; owned.
    private let memory: UnsafeMutableRawPointer
    private var isFilled: [Bool]

    private let pieceByteCount: Int

    /// `byteCount` bytes from `offset` of the file; nil if there are not as many, or none.
    ///
    /// - Parameter pieceByteCount: what is read at once, some pages: few where small things lie scattered.
    public init?(of image: ElfImage, from offset: FileOffset, byteCount: UInt64, pieceByteCount: Int = 1 << 14) {
        let (end, overflow) = offset.value.addingReportingOverflow(byteCount)
        guard !overflow, let size = try? image.source.size(), end <= size, byteCount > 0,
            let count = Int(exactly: byteCount)
        else { return nil }
        guard let memory = unsafe Self.reserve(count) else { return nil }
        unsafe self.memory = memory
        self.image = image
        self.offset = offset
        self.byteCount = count
        self.pieceByteCount = pieceByteCount
        isFilled = [Bool](repeating: false, count: (count - 1) / pieceByteCount + 1)
    }

    /// A part that is all in memory: a copy of `bytes`.
    public init?(copying bytes: [UInt8]) {
        guard let memory = unsafe Self.reserve(max(bytes.count, 1)) else { return nil }
        unsafe bytes.withUnsafeBytes { source in
            // There is room for all of them.
            if let from = source.baseAddress { unsafe memory.copyMemory(from: from, byteCount: source.count) }
        }
        unsafe self.memory = memory
        image = nil
        offset = FileOffset(0)
        byteCount = bytes.count
        pieceByteCount = max(bytes.count, 1)
        isFilled = []
    }

    deinit {
        _ = unsafe munmap(memory, max(byteCount, 1))
    }

    private static func reserve(_ count: Int) -> UnsafeMutableRawPointer? {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let memory = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, flags, -1, 0), unsafe memory != MAP_FAILED
        else { return nil }
        return unsafe memory
    }

    /// Reads what is missing of `range`, as far as it lies within the part. False if some of that cannot be read: those bytes
    /// stay zero, and mean nothing.
    @discardableResult
    public func fill(_ range: Range<UInt64>) -> Bool {
        let range = range.clamped(to: 0..<UInt64(byteCount))
        guard let image, !range.isEmpty else { return true }
        var isComplete = true
        for piece in Int(range.lowerBound) / pieceByteCount...Int(range.upperBound - 1) / pieceByteCount
        where !isFilled[piece] {
            let start = piece * pieceByteCount
            let count = min(pieceByteCount, byteCount - start)
            // The file may have become shorter.
            guard let bytes = try? image.read(at: FileOffset(offset.value + UInt64(start)), count: count),
                bytes.count == count
            else {
                isComplete = false
                continue
            }
            isFilled[piece] = true
            filledByteCount += pieceByteCount
            unsafe bytes.withUnsafeBytes { source in
                guard let from = source.baseAddress else { return }
                unsafe (memory + start).copyMemory(from: from, byteCount: count)
            }
        }
        return isComplete
    }

    /// Gives all memory back: everything reads as zeros until it is asked for again. Does nothing to a copy.
    public func empty() {
        guard image != nil, filledByteCount > 0 else { return }
        _ = unsafe madvise(memory, byteCount, MADV_DONTNEED)
        filledByteCount = 0
        isFilled = [Bool](repeating: false, count: isFilled.count)
    }

    /// All the bytes.
    public var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // Mapped for as long as this lives.
            let buffer = unsafe UnsafeRawBufferPointer(start: memory, count: byteCount)
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: buffer), borrowing: self)
        }
    }
}

import Glibc
import Primitives
import Synchronization

/// The reader's side of one ring that the kernel writes (perf_event_open(2), "MMAP layout").
///
/// A view: `PerfHandles` owns the memory. Records stay where they are until `release`; head and tail are positions
/// that only grow.
@unsafe
struct RingBuffer {
    private let control: UnsafeMutableRawPointer
    private let data: UnsafeMutableRawPointer
    /// The size of the data area, a power of two.
    let byteCount: Int
    private let mask: UInt64
    /// The next record to read.
    private(set) var position: UInt64
    /// What the kernel had written when `refresh` was called.
    private(set) var head: UInt64
    /// The header of the next record; meaningful if `hasRecord`.
    private(set) var header = RecordHeader(word: 0)
    /// The time of the next record; `UInt64.max` if there is none.
    private(set) var nextTime = UInt64.max
    private var released: UInt64
    /// The time of the record before, for records without one.
    private var previousTime: UInt64 = 0
    /// How often bytes made no sense and the rest of the ring was dropped.
    private var corruptCount: UInt64 = 0

    // struct perf_event_mmap_page; checked in perf_event.c.
    private static let headOffset = 1024
    private static let tailOffset = 1032

    /// `control` points to one page for control followed by `byteCount` bytes of data.
    init(control: UnsafeMutableRawPointer, pageByteCount: Int, byteCount: Int) {
        precondition(byteCount > 0 && byteCount & (byteCount - 1) == 0)
        unsafe self.control = control
        unsafe self.data = control + pageByteCount
        unsafe self.byteCount = byteCount
        unsafe self.mask = UInt64(byteCount - 1)
        unsafe position = RingBuffer.counter(control, RingBuffer.tailOffset).pointee.load(ordering: .relaxed)
        unsafe head = position
        unsafe released = position
    }

    private static func counter(_ control: UnsafeMutableRawPointer, _ offset: Int) -> UnsafeMutablePointer<
        Atomic<UInt64>
    > {
        unsafe (control + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    var hasRecord: Bool { unsafe nextTime != .max }

    /// Looks at how far the kernel has got; acquires what it wrote.
    mutating func refresh(now: UInt64) {
        unsafe head = RingBuffer.counter(control, RingBuffer.headOffset).pointee.load(ordering: .acquiring)
        unsafe peek(now: now)
    }

    /// Reads the header and the time of the record at `position`.
    private mutating func peek(now: UInt64) {
        let available = unsafe head &- position
        unsafe nextTime = .max
        guard available != 0 else { return }
        guard unsafe available <= UInt64(byteCount), available >= 8, unsafe position & 7 == 0 else {
            return unsafe dropRest()
        }
        let next = unsafe RecordHeader(word: word(at: position))
        guard next.byteCount >= 8, next.byteCount & 7 == 0, UInt64(next.byteCount) <= available else {
            return unsafe dropRest()
        }
        unsafe header = next
        var time = unsafe previousTime
        if let offset = next.timeOffset {
            time = unsafe word(at: position &+ UInt64(offset))
            // A time in the future would keep the ring from ever being read; such a record is not the kernel's.
            if time > now &+ 1_000_000_000 { time = unsafe previousTime }
        }
        unsafe nextTime = time
    }

    private mutating func dropRest() {
        unsafe corruptCount &+= 1
        unsafe position = head
        unsafe nextTime = .max
    }

    private func word(at position: UInt64) -> UInt64 {
        // Aligned to 8, so that it cannot wrap.
        unsafe data.load(fromByteOffset: Int(position & mask), as: UInt64.self)
    }

    /// The bytes of the next record, in the ring or, if it wraps, copied to `scratch` (65 536 bytes); valid until
    /// `release`.
    func record(scratch: UnsafeMutableRawPointer) -> UnsafeRawBufferPointer {
        let start = unsafe Int(position & mask)
        let count = unsafe header.byteCount
        let first = unsafe byteCount - start
        if count <= first { return unsafe UnsafeRawBufferPointer(start: data + start, count: count) }
        unsafe scratch.copyMemory(from: data + start, byteCount: first)
        unsafe (scratch + first).copyMemory(from: data, byteCount: count - first)
        return unsafe UnsafeRawBufferPointer(start: scratch, count: count)
    }

    /// Moves behind the record; gives space back to the kernel now and then.
    mutating func advance(now: UInt64) {
        unsafe previousTime = nextTime
        unsafe position &+= UInt64(header.byteCount)
        if unsafe position &- released >= UInt64(byteCount >> 4) { unsafe release() }
        unsafe peek(now: now)
    }

    /// The number of corruptions since the last call.
    mutating func takeCorruptCount() -> UInt64 {
        defer { unsafe corruptCount = 0 }
        return unsafe corruptCount
    }

    /// Gives everything before `position` back to the kernel.
    mutating func release() {
        unsafe released = position
        unsafe RingBuffer.counter(control, RingBuffer.tailOffset).pointee.store(position, ordering: .releasing)
    }
}

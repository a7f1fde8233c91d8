internal import Primitives

/// Samples whose user stack the kernel has promised and not delivered yet.
///
/// A thread seldom has more than one: the next return to user space delivers. What is never delivered, because its record was
/// lost or its thread ended in the kernel, is given back when the thread's next promise is kept, when it ends, or when the
/// recording does. At most `capacity` samples wait, so that nothing grows with time.
struct DeferredSamples {
    /// All that is known of a sample.
    struct Sample {
        var thread: ThreadID
        var cookie: UInt64
        /// The index of the process.
        var process: Int
        /// The locations of its kernel part, leaf first.
        var kernelPart: [UInt32]
        var isKernel: Bool
        /// Where the CPU was; all that is left of the user part when that does not come.
        var instructionPointer: Address
        var labels: UInt32
        var cpu: Int32
        var event: Int
        var weight: Int64
    }

    static let capacity = 16_384

    private var byThread: [ThreadID: [Sample]] = [:]
    private(set) var count = 0

    /// Adds a sample; gives back those of some thread if there are too many.
    mutating func add(_ sample: Sample) -> [Sample] {
        byThread[sample.thread, default: []].append(sample)
        count += 1
        guard count > Self.capacity, let thread = byThread.keys.first else { return [] }
        return take(of: thread)
    }

    /// Takes out the samples of a thread, in their order.
    mutating func take(of thread: ThreadID) -> [Sample] {
        guard count > 0, let taken = byThread.removeValue(forKey: thread) else { return [] }
        count -= taken.count
        return taken
    }

    /// Takes out all samples.
    mutating func takeAll() -> [Sample] {
        defer { self = DeferredSamples() }
        return byThread.values.flatMap { $0 }
    }
}

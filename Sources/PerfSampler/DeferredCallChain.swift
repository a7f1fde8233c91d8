public import Primitives

/// The user part of call chains that an earlier sample, or several, left open (PERF_RECORD_CALLCHAIN_DEFERRED, Linux 6.19):
/// the kernel walks the user stack when the thread is about to return to user space, where it may wait for pages.
///
/// Valid only while the sink looks at it.
public struct DeferredCallChain: ~Escapable {
    /// The process.
    public let processID: ProcessID
    /// The thread.
    public let threadID: ThreadID
    /// CLOCK_MONOTONIC in nanoseconds.
    public let timeNanoseconds: UInt64
    /// What the samples that it completes carry: `SampleRecord.deferredCookie`.
    public let cookie: UInt64
    /// The addresses, the sampled one first; markers (`CallChainContext`) may be among them.
    public let addresses: WordSpan

    /// The chain in `record`; nil if a length in it contradicts the record's size.
    ///
    /// The layout is that of include/uapi/linux/perf_event.h: header, cookie, nr, ips[nr], sample_id.
    @_lifetime(copy record)
    init?(_ record: RawSpan) {
        let end = record.byteCount - RecordLayout.trailerByteCount
        guard end >= 24 else { return nil }
        cookie = record.word(at: 8)
        let count = record.word(at: 16)
        guard count <= UInt64((end - 24) >> 3) else { return nil }
        addresses = WordSpan(record.extracting(24..<(24 + Int(count) << 3)))
        let task = record.word(at: end)
        processID = ProcessID(Int32(truncatingIfNeeded: task))
        threadID = ThreadID(Int32(truncatingIfNeeded: task >> 32))
        timeNanoseconds = record.word(at: end + 8)
    }
}

extension SampleRecord {
    /// The mark of the `DeferredCallChain` that will bring the user part; nil if nothing is to come.
    ///
    /// It stands at the end of the chain, behind `CallChainContext.userDeferred` (kernel/events/callchain.c).
    public var deferredCookie: UInt64? {
        let count = callChain.count
        guard count >= 2, callChain[count - 2] == CallChainContext.userDeferred else { return nil }
        return callChain[count - 1]
    }
}

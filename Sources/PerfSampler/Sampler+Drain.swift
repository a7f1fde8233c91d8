import Primitives

extension Sampler {
    /// How far behind the present a ring may still get records: another CPU may be in the middle of writing.
    private static let settlingNanoseconds: UInt64 = 2_000_000

    /// Hands the records of all rings to `sink`, merged by time, up to 2 ms ago; with `final`, after `stop`, all.
    ///
    /// O(records × rings) at worst; a run of records of one ring is taken without looking at the others.
    public mutating func drain<Sink: RecordSink & ~Copyable>(into sink: inout Sink, final: Bool = false) {
        let now = Sampler.now()
        let horizon = final ? UInt64.max - 1 : now &- Sampler.settlingNanoseconds
        for index in unsafe handles.rings.indices { unsafe handles.rings[index].refresh(now: now) }
        while true {
            var best = -1
            var bestTime = UInt64.max
            var secondTime = UInt64.max
            for index in unsafe handles.rings.indices {
                let time = unsafe handles.rings[index].nextTime
                if time < bestTime {
                    (secondTime, bestTime, best) = (bestTime, time, index)
                } else if time < secondTime {
                    secondTime = time
                }
            }
            guard best >= 0, bestTime <= horizon else { break }
            // A local copy keeps the array's checks out of the loop.
            var ring = unsafe handles.rings[best]
            let limit = min(secondTime, horizon)
            repeat {
                let bytes = unsafe ring.record(scratch: handles.scratch)
                unsafe deliver(bytes.bytes, header: ring.header, time: ring.nextTime, to: &sink)
                unsafe ring.advance(now: now)
            } while unsafe ring.nextTime <= limit
            unsafe ring.release()
            unsafe handles.rings[best] = ring
        }
        for index in unsafe handles.rings.indices {
            statistics.corrupt &+= unsafe handles.rings[index].takeCorruptCount()
        }
    }

    private mutating func deliver<Sink: RecordSink & ~Copyable>(
        _ bytes: RawSpan, header: RecordHeader, time: UInt64, to sink: inout Sink
    ) {
        statistics.records &+= 1
        statistics.bytes &+= UInt64(bytes.byteCount)
        if time < lastTime { statistics.outOfOrder &+= 1 } else { lastTime = time }
        switch header.kind {
        case RecordHeader.Kind.sample:
            guard var record = SampleRecord(bytes, header: header, layout: layout),
                let entry = identifiers.find(record.identifier)
            else {
                statistics.corrupt &+= 1
                return
            }
            nameExitedTask(&record)
            if record.timeNanoseconds < startNanoseconds || !isKept(record.processID.value, record.threadID.value) {
                statistics.ignored &+= 1
                return
            }
            if isDuplicate(entry, thread: record.threadID.value) {
                statistics.duplicates &+= 1
                return
            }
            record.eventIndex = Int(entry.eventIndex)
            statistics.events[record.eventIndex].samples &+= 1
            sink.sample(record)
        default:
            if !deliverOther(bytes, header: header, to: &sink) { statistics.corrupt &+= 1 }
        }
    }

    /// False if the record contradicts itself.
    private mutating func deliverOther<Sink: RecordSink & ~Copyable>(
        _ bytes: RawSpan, header: RecordHeader, to sink: inout Sink
    ) -> Bool {
        let trailer = RecordLayout.trailerByteCount
        let entry = bytes.byteCount >= 8 + trailer ? identifiers.find(bytes.word(at: bytes.byteCount - 8)) : nil
        switch header.kind {
        case RecordHeader.Kind.mmap, RecordHeader.Kind.mmap2:
            guard isTargets(bytes) else { return true }
            guard let record = MappingRecord(bytes, header: header) else { return false }
            if isSecondCopy(entry, thread: record.threadID.value) { return true }
            sink.mapping(record)
        case RecordHeader.Kind.comm:
            if header.flags & RecordHeader.commandExecFlag != 0, bytes.byteCount >= 16 {
                selection?.execute(process: Int32(truncatingIfNeeded: bytes.word(at: 8)))
            }
            guard isTargets(bytes) else { return true }
            guard let record = CommandRecord(bytes, header: header) else { return false }
            if isSecondCopy(entry, thread: record.threadID.value) { return true }
            sink.command(record)
        case RecordHeader.Kind.fork:
            guard let record = TaskRecord(bytes) else { return false }
            if isSecondCopy(entry, thread: record.parentThreadID.value) { return true }
            if selection?.keepsFork(record) == false { return true }
            sink.fork(record)
        case RecordHeader.Kind.exit:
            guard let record = TaskRecord(bytes) else { return false }
            if isSecondCopy(entry, thread: record.threadID.value) { return true }
            // The number may be given to a new thread, which inherits and is not opened.
            if !lateThreads.isEmpty { lateThreads.remove(record.threadID.value) }
            let isKept = selection?.keepsExit(record) ?? true
            lastExits[UInt32(truncatingIfNeeded: bytes.word(at: bytes.byteCount - 16))] = isKept ? record : nil
            guard isKept else { return true }
            sink.exit(record)
        case RecordHeader.Kind.deferredCallChain:
            guard let record = DeferredCallChain(bytes) else { return false }
            sink.deferredCallChain(record)
        case RecordHeader.Kind.lost:
            guard bytes.byteCount >= 24 else { return false }
            countLost(bytes.word(at: 16), of: identifiers.find(bytes.word(at: 8)))
        case RecordHeader.Kind.lostSamples:
            guard bytes.byteCount >= 16 else { return false }
            countLost(bytes.word(at: 8), of: entry)
        case RecordHeader.Kind.throttle:
            guard bytes.byteCount >= 32 else { return false }
            if let entry = identifiers.find(bytes.word(at: 16)) {
                statistics.events[Int(entry.eventIndex)].throttled &+= 1
            }
        default:
            break
        }
        return true
    }

    /// Gives a sample from a task's very last steps its numbers back: when these are free for others, a CPU-wide event
    /// reports -1 for both (`perf_event_pid_type` in kernel/events/core.c). It is the task that announced its end last
    /// on that CPU.
    private func nameExitedTask(_ sample: inout SampleRecord) {
        guard sample.processID.value == -1, let exit = lastExits[sample.cpu] else { return }
        sample.processID = exit.processID
        sample.threadID = exit.threadID
    }

    /// Whether a mapping or a name, whose first word names its process, is a target's; true for what is too short to tell.
    private mutating func isTargets(_ bytes: RawSpan) -> Bool {
        guard bytes.byteCount >= 16 else { return true }
        let process = Int32(truncatingIfNeeded: bytes.word(at: 8))
        return selection?.keeps(process: process, isComplete: statistics.lost == 0) ?? true
    }

    private mutating func countLost(_ count: UInt64, of entry: IdentifierTable.Entry?) {
        if let entry {
            statistics.events[Int(entry.eventIndex)].announcedLost &+= count
        } else {
            statistics.unattributedLost &+= count
        }
    }

    /// Whether a thread that was opened itself was also reached by inheritance from `entry`'s thread.
    private func isDuplicate(_ entry: IdentifierTable.Entry, thread: Int32) -> Bool {
        !lateThreads.isEmpty && entry.thread >= 0 && entry.thread != thread && lateThreads.contains(thread)
    }

    private func isSecondCopy(_ entry: IdentifierTable.Entry?, thread: Int32) -> Bool {
        guard let entry else { return false }
        return isDuplicate(entry, thread: thread)
    }

    private func isKept(_ process: Int32, _ thread: Int32) -> Bool {
        if let isTarget = selection?.keepsSample(process: process, thread: thread), !isTarget { return false }
        guard let keptProcesses else { return true }
        return keptProcesses.contains(process)
    }
}

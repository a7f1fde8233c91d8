import Glibc
import Primitives
import Testing

@testable import PerfSampler
@testable import Recorder

/// Samples whose user stack comes in a later record. No kernel that this was written on sends these.
struct DeferredSamplesTests {
    static let thread = ThreadID(4_000_001)

    /// A sample of our own process, whose maps can be read, that leaves its user part open.
    private func sample(cookie: UInt64, kernel: [UInt64] = [], thread: ThreadID = thread) -> [UInt8] {
        let task = UInt64(UInt32(bitPattern: getpid())) | UInt64(UInt32(bitPattern: thread.value)) << 32
        let chain =
            (kernel.isEmpty ? [] : [CallChainContext.kernel] + kernel) + [CallChainContext.userDeferred, cookie]
        let address: UInt64 = kernel.first ?? 0x1000
        return RecordBuilder.record(
            kind: 9, flags: kernel.isEmpty ? 2 : 1, words: [1, address, task, 10, 0, 100, UInt64(chain.count)] + chain)
    }

    private func take(_ bytes: [UInt8], by processor: inout SampleProcessor) {
        let header = RecordHeader(word: bytes.rawSpan.word(at: 0))
        let layout = RecordLayout(hasCallChain: true, registerCount: 0, hasStack: false)
        guard let record = SampleRecord(bytes.rawSpan, header: header, layout: layout) else {
            Issue.record("not decoded")
            return
        }
        processor.sample(record)
    }

    private func deliver(cookie: UInt64, _ addresses: [UInt64], to processor: inout SampleProcessor) {
        let bytes = RecordBuilder.record(
            kind: 22,
            words: [cookie, UInt64(addresses.count)] + addresses
                + RecordBuilder.trailer(process: getpid(), thread: Self.thread.value, time: 20))
        guard let chain = DeferredCallChain(bytes.rawSpan) else {
            Issue.record("not decoded")
            return
        }
        processor.deferredCallChain(chain)
    }

    private func processor() -> SampleProcessor {
        SampleProcessor(eventCount: 1, stackMethod: .framePointers, keepsCPU: false)
    }

    @Test
    func `A sample is counted when its user part comes, with the frames of both parts`() {
        var processor = processor()
        take(sample(cookie: 5, kernel: [0xffff_ffff_8100_0010, 0xffff_ffff_8100_0020]), by: &processor)
        let before = processor.stacks.entries.count
        #expect(before == 0)
        deliver(cookie: 5, [CallChainContext.user, 0x1000, 0x2000, 0x3000], to: &processor)
        let frames = processor.stacks.entries.map(\.frameCount)
        let values = processor.stacks.values
        // Made-up addresses end without a frame pointer, which is marked.
        #expect(frames == [2 + 3 + 1])
        #expect(values == [1, 100])
        let missing = processor.statistics.failures.missingCallChain
        #expect(missing == 0)
    }

    @Test
    func `Several samples of one stay in the kernel share the user part that comes at its end`() {
        var processor = processor()
        for address in [0xffff_ffff_8100_0010, 0xffff_ffff_8100_0010, 0xffff_ffff_8100_0030] as [UInt64] {
            take(sample(cookie: 5, kernel: [address]), by: &processor)
        }
        deliver(cookie: 5, [0x1000, 0x2000], to: &processor)
        let frames = processor.stacks.entries.map(\.frameCount)
        let values = processor.stacks.values
        #expect(frames == [4, 4])
        #expect(values == [2, 200, 1, 100])
    }

    @Test
    func `A sample whose user part was lost keeps its kernel part and is counted as incomplete`() {
        var processor = processor()
        take(sample(cookie: 5, kernel: [0xffff_ffff_8100_0010]), by: &processor)
        take(sample(cookie: 6), by: &processor)
        deliver(cookie: 6, [0x1000], to: &processor)
        let missing = processor.statistics.failures.missingCallChain
        let frames = processor.stacks.entries.map(\.frameCount)
        #expect(missing == 1)
        #expect(frames.first == 2)
    }

    @Test
    func `What is still open at a thread's end or at the recording's is counted, once`() {
        var processor = processor()
        take(sample(cookie: 5, kernel: [0xffff_ffff_8100_0010]), by: &processor)
        processor.exit(
            TaskRecord(
                processID: ProcessID(getpid()), parentProcessID: ProcessID(1), threadID: Self.thread,
                parentThreadID: ThreadID(1), timeNanoseconds: 30))
        take(sample(cookie: 7, thread: ThreadID(4_000_002)), by: &processor)
        processor.finishDeferred()
        processor.finishDeferred()
        let missing = processor.statistics.failures.missingCallChain
        let total = processor.stacks.values[0] + processor.stacks.values[2]
        #expect(missing == 2)
        #expect(total == 2)
    }

    @Test
    func `No more samples wait than there is room for, and none of them vanishes`() {
        var deferred = DeferredSamples()
        var givenBack = 0
        for number in 0..<(DeferredSamples.capacity + 100) {
            givenBack +=
                deferred.add(
                    DeferredSamples.Sample(
                        thread: ThreadID(Int32(number)), cookie: 1, process: 0, kernelPart: [], isKernel: true,
                        instructionPointer: Address(0), labels: 0, cpu: -1, event: 0, weight: 1)
                ).count
            #expect(deferred.count <= DeferredSamples.capacity)
        }
        #expect(givenBack == 100)
        #expect(deferred.takeAll().count == DeferredSamples.capacity)
        #expect(deferred.count == 0)
    }
}

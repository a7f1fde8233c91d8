import CPerfEvent
import Primitives
import Testing

@testable import PerfSampler

// No kernel that this was written on has the records; their bytes are made up from the kernel's header.
struct DeferredCallChainTests {
    static func record(cookie: UInt64, addresses: [UInt64], count: UInt64? = nil) -> [UInt8] {
        RecordBuilder.record(
            kind: 22,
            words: [cookie, count ?? UInt64(addresses.count)] + addresses
                + RecordBuilder.trailer(process: 7, thread: 9, time: 500))
    }

    @Test
    func `A deferred chain is read with its thread, its time, its cookie and its addresses`() throws {
        let bytes = Self.record(cookie: 0x1_0000_0000_0007, addresses: [0x1000, 0x2000, 0x3000])
        guard let chain = DeferredCallChain(bytes.rawSpan) else {
            Issue.record("not decoded")
            return
        }
        // Values first: #expect cannot hold something that does not escape.
        let task = (chain.processID, chain.threadID)
        let numbers = [chain.timeNanoseconds, chain.cookie] + (0..<chain.addresses.count).map { chain.addresses[$0] }
        #expect(task == (ProcessID(7), ThreadID(9)))
        #expect(numbers == [500, 0x1_0000_0000_0007, 0x1000, 0x2000, 0x3000])
    }

    @Test(arguments: [4, 1 << 60, UInt64.max])
    func `A chain that says it is longer than its record is refused`(count: UInt64) {
        let bytes = Self.record(cookie: 1, addresses: [1, 2, 3], count: count)
        let isRefused = DeferredCallChain(bytes.rawSpan) == nil
        #expect(isRefused)
    }

    @Test
    func `Every prefix of a record is refused or read without a trap`() {
        let bytes = Self.record(cookie: 1, addresses: [1, 2, 3])
        for length in stride(from: 0, to: bytes.count, by: 8) {
            _ = DeferredCallChain(bytes.rawSpan.extracting(0..<length))
        }
    }

    @Test
    func `The cookie of a sample is the word behind the marker at the end of its chain`() {
        let cases: [(chain: [UInt64], cookie: UInt64?)] = [
            ([CallChainContext.kernel, 0xffff_ffff_8100_0000, CallChainContext.userDeferred, 42], 42),
            ([CallChainContext.userDeferred, 7], 7),
            ([CallChainContext.userDeferred], nil),
            ([CallChainContext.kernel, 0xffff_ffff_8100_0000], nil),
            ([CallChainContext.userDeferred, 7, CallChainContext.user, 0x1000], nil),
            ([], nil),
        ]
        for (chain, cookie) in cases {
            let bytes = RecordBuilder.sample(time: 1, chain: chain, stack: [1])
            let header = RecordHeader(word: bytes.rawSpan.word(at: 0))
            let read = SampleRecord(bytes.rawSpan, header: header, layout: RecordBuilder.layout)?.deferredCookie
            #expect(read == cookie)
        }
    }

    @Test
    func `The kernel is asked for deferred chains only when they are wanted and the probe found them`() throws {
        let event = try SamplingEvent.resolve("cpu-clock")
        let both = AttributeFlags([.deferCallChain, .deferOutput])
        for (userCallChain, isSupported) in [(true, true), (true, false), (false, true)] {
            let configuration = SamplerConfiguration(target: .system, events: [event], userCallChain: userCallChain)
            var features = KernelFeatures()
            #expect(!features.deferredCallChain)
            features.deferredCallChain = isSupported
            let attributes = configuration.attributes(
                event: 0, features: features, excludeKernel: false, frequencyLimit: 1000, watermark: 0)
            let flags = AttributeFlags(rawValue: attributes.flags)
            #expect(flags.isSuperset(of: both) == (userCallChain && isSupported))
            #expect(flags.isDisjoint(with: both) == !(userCallChain && isSupported))
        }
    }

    @Test
    func `A kernel that refuses deferred chains all the same is asked without them first`() {
        var features = KernelFeatures()
        features.deferredCallChain = true
        let isChanged = features.giveUpOne()
        #expect(isChanged && !features.deferredCallChain && features.lostCount)
    }
}

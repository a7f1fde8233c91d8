import Primitives
import Testing

@testable import PerfSampler

struct RecordDecodingTests {
    func header(_ bytes: [UInt8]) -> RecordHeader { RecordHeader(word: bytes.rawSpan.word(at: 0)) }

    func mapping(_ bytes: [UInt8]) throws -> MappingRecord {
        let record = MappingRecord(bytes.rawSpan, header: header(bytes))
        return try #require(record)
    }

    @Test("A sample gives its fields, chain, registers and only the stack bytes that were copied")
    func sample() throws {
        let bytes = RecordBuilder.sample(
            time: 42, chain: [CallChainContext.kernel, 9], stack: [1, 2, 3, 4], copied: 16)
        guard let record = SampleRecord(bytes.rawSpan, header: header(bytes), layout: RecordBuilder.layout) else {
            Issue.record("not decoded")
            return
        }
        // Values first: #expect cannot hold something that does not escape.
        let numbers = [
            UInt64(record.processID.value), UInt64(record.threadID.value), record.timeNanoseconds, UInt64(record.cpu),
            record.period, record.instructionPointer.value, UInt64(record.callChain.count), record.callChain[1],
            record.stackPointer?.value ?? 0, UInt64(record.stack.byteCount),
        ]
        let abi = record.registerABI
        let isKernel = record.isKernel
        #expect(numbers == [7, 8, 42, 3, 1_000_000, 0x1234, 2, 9, 100 + UInt64(RegisterLayout.stackPointerIndex), 16])
        #expect(abi == .bits64)
        #expect(!isKernel)
    }

    @Test("Every mapping form is understood: build ID, inode, and the old one")
    func mappings() throws {
        let task = UInt64(7) | UInt64(8) << 32
        let name = RecordBuilder.text("/a.so")
        let tail = RecordBuilder.trailer(time: 5)
        let buildID: [UInt64] = [0x0201_0000_0000 << 16 | 20, 3, 4]
        var bytes = RecordBuilder.record(
            kind: 10, flags: 2 | 1 << 14, words: [task, 0x1000, 0x2000, 0x3000] + buildID + [5, name] + tail)
        var record = try mapping(bytes)
        #expect(record.buildID?.bytes.count == 20)
        #expect(record.buildID?.bytes.prefix(4) == [0, 0, 1, 2])
        #expect(record.path == "/a.so")
        #expect(record.protection == 5)

        bytes = RecordBuilder.record(
            kind: 10, words: [task, 0x1000, 0x2000, 0x3000, 8 | 1 << 32, 77, 0, 5, name] + tail)
        record = try mapping(bytes)
        #expect((record.deviceMajor, record.deviceMinor, record.inode) == (8, 1, 77))
        #expect(record.buildID == nil)

        bytes = RecordBuilder.record(kind: 1, words: [task, 0x1000, 0x2000, 0x3000, name] + tail)
        record = try mapping(bytes)
        #expect(record.start == Address(0x1000))
        #expect(record.timeNanoseconds == 5)
        #expect(record.path == "/a.so")
    }

    /// Decodes `bytes` in every way; the number of things found, so that nothing is optimized away.
    func decodeAll(_ bytes: [UInt8]) -> Int {
        guard bytes.count >= 8 else { return 0 }
        let header = header(bytes)
        var sum = 0
        if let record = SampleRecord(bytes.rawSpan, header: header, layout: RecordBuilder.layout) {
            for index in 0..<record.callChain.count { sum &+= Int(truncatingIfNeeded: record.callChain[index]) }
            for index in 0..<record.registers.count { sum &+= Int(truncatingIfNeeded: record.registers[index]) }
            sum &+= record.stack.byteCount
        }
        if let record = MappingRecord(bytes.rawSpan, header: header) { sum &+= record.path.utf8.count }
        if let record = CommandRecord(bytes.rawSpan, header: header) { sum &+= record.name.utf8.count }
        if let record = TaskRecord(bytes.rawSpan) { sum &+= Int(record.processID.value) }
        return sum
    }

    @Test("No truncated record traps, and no truncated sample is accepted")
    func truncation() {
        let bytes = RecordBuilder.sample(time: 1, chain: [1, 2, 3], stack: [1, 2, 3, 4])
        for count in 0..<bytes.count {
            let part = Array(bytes.prefix(count))
            _ = decodeAll(part)
            if count >= 8 {
                let record = SampleRecord(part.rawSpan, header: header(part), layout: RecordBuilder.layout)
                let isAccepted = record != nil
                #expect(!isAccepted)
            }
        }
    }

    @Test("100 000 mutated records do not trap")
    func mutation() {
        var random = SystemRandomNumberGenerator()
        let task = UInt64(7)
        let originals = [
            RecordBuilder.sample(time: 1, chain: [1, 2, 3], stack: [1, 2, 3, 4]),
            RecordBuilder.record(
                kind: 10, flags: 2 | 1 << 14, words: [task, 1, 2, 3, 20, 3, 4, 5, 6] + RecordBuilder.trailer(time: 5)),
            RecordBuilder.record(kind: 3, words: [task, 6] + RecordBuilder.trailer(time: 5)),
        ]
        var sum = 0
        for round in 0..<100_000 {
            var bytes = originals[round % originals.count]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = [0, 1, 0x7f, 0x80, 0xff, .random(in: 0...255)]
                    .randomElement(using: &random)!
            }
            sum &+= decodeAll(bytes)
        }
        #expect(sum != 0)
    }
}

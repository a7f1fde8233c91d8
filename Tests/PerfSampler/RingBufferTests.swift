import Primitives
import Testing

@testable import PerfSampler

struct RingBufferTests {
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: 65_536, alignment: 8)

    /// Reads all that is in `ring`; the times and the bytes.
    func readAll(_ ring: inout RingBuffer, now: UInt64 = 1_000) -> [(time: UInt64, bytes: [UInt8])] {
        var result: [(UInt64, [UInt8])] = []
        ring.refresh(now: now)
        while ring.hasRecord {
            result.append((ring.nextTime, [UInt8](copying: ring.record(scratch: scratch).bytes)))
            ring.advance(now: now)
        }
        ring.release()
        return result
    }

    @Test("Records come out as they went in, also those that wrap around the end of the ring")
    func wrapping() {
        defer { scratch.deallocate() }
        let memory = TestRing(byteCount: 4096)
        var ring = memory.view
        var time: UInt64 = 0
        for round in 0..<500 {
            let record = RecordBuilder.sample(time: time + 1, stack: Array(repeating: UInt64(round), count: round % 60))
            time += 1
            let isWritten = memory.write(record)
            #expect(isWritten)
            let read = readAll(&ring)
            #expect(read.count == 1)
            #expect(read.first?.time == time)
            #expect(read.first?.bytes == record)
        }
        #expect(memory.tail == memory.head)
    }

    @Test("Space is given back while a long run is read, not only at its end")
    func progressiveRelease() {
        defer { scratch.deallocate() }
        let memory = TestRing(byteCount: 1 << 16)
        while memory.write(RecordBuilder.sample(time: 1, stack: Array(repeating: 0, count: 100))) {}
        var ring = memory.view
        ring.refresh(now: 10)
        for _ in 0..<10 { ring.advance(now: 10) }
        #expect(memory.tail > 0)
        #expect(ring.hasRecord)
    }

    @Test("A head that is impossible drops the ring's contents and is counted")
    func impossibleHead() {
        defer { scratch.deallocate() }
        for head: UInt64 in [1 << 20, UInt64.max, 12, 5] {
            let memory = TestRing(byteCount: 4096)
            memory.write(RecordBuilder.sample(time: 1))
            memory.setHead(head)
            var ring = memory.view
            #expect(readAll(&ring).isEmpty)
            #expect(ring.takeCorruptCount() == 1)
        }
    }

    @Test("A time far in the future does not hold the ring up")
    func futureTime() {
        defer { scratch.deallocate() }
        let memory = TestRing(byteCount: 4096)
        memory.write(RecordBuilder.sample(time: 5))
        memory.write(RecordBuilder.sample(time: .max))
        memory.write(RecordBuilder.sample(time: 6))
        var ring = memory.view
        #expect(readAll(&ring, now: 100).map(\.time) == [5, 5, 6])
    }

    @Test("3 000 rings with mutated bytes are read to their end without a trap")
    func mutation() {
        defer { scratch.deallocate() }
        let record = RecordBuilder.sample(time: 1, stack: [1, 2, 3])
        for _ in 0..<3_000 {
            let memory = TestRing(byteCount: 4096, start: UInt64.random(in: 0..<1000) * 8)
            while memory.write(record) {}
            for _ in 0..<4 {
                memory.memory.storeBytes(
                    of: UInt8.random(in: 0...255), toByteOffset: 4096 + Int.random(in: 0..<4096), as: UInt8.self)
            }
            var ring = memory.view
            let read = readAll(&ring)
            #expect(read.count <= 512)
            #expect(memory.tail == memory.head)
        }
    }
}

import FuzzKit
import Primitives

@testable import PerfSampler
@testable import StackUnwinder

/// The kernel's records, one by one, and whole rings of them.
func samplingTargets() -> [FuzzTarget] {
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: 65_536, alignment: 8)
    let control = UnsafeMutableRawPointer.allocate(byteCount: 4096 + 8192, alignment: 4096)
    control.initializeMemory(as: UInt8.self, repeating: 0, count: 4096 + 8192)
    let records = Records.all
    // Two words in front: where the kernel and where the reader are.
    let rings = [records, records.reversed()].map { records in
        let bytes = Array(records.joined())
        return FuzzSeed(Records.bytes([UInt64(bytes.count), 0]) + bytes)
    }
    return [
        FuzzTarget("perf-records", seeds: records.map { FuzzSeed($0) }) { bytes in
            guard bytes.count >= 8 else { return }
            decode(bytes.rawSpan, RecordHeader(word: bytes.rawSpan.word(at: 0)))
        },
        FuzzTarget("perf-rings", seeds: rings) { bytes in
            guard bytes.count >= 16 else { return }
            control.storeBytes(of: bytes.rawSpan.word(at: 0), toByteOffset: 1024, as: UInt64.self)
            control.storeBytes(of: bytes.rawSpan.word(at: 8), toByteOffset: 1032, as: UInt64.self)
            for (index, byte) in bytes[16...].prefix(8192).enumerated() {
                control.storeBytes(of: byte, toByteOffset: 4096 + index, as: UInt8.self)
            }
            var ring = RingBuffer(control: control, pageByteCount: 4096, byteCount: 8192)
            for _ in 0..<2 {
                ring.refresh(now: 1000)
                while ring.hasRecord {
                    decode(ring.record(scratch: scratch).bytes, ring.header)
                    ring.advance(now: 1000)
                }
                ring.release()
            }
        },
    ]
}

private func decode(_ bytes: RawSpan, _ header: RecordHeader) {
    var space = AddressSpace()
    switch header.kind {
    case RecordHeader.Kind.mmap, RecordHeader.Kind.mmap2:
        guard let record = MappingRecord(bytes, header: header) else { return }
        let (end, overflow) = record.start.value.addingReportingOverflow(record.byteCount)
        guard !overflow, end > record.start.value else { return }
        let range = record.start..<Address(end)
        space.map(range: range, fileOffset: record.fileOffset, module: nil, kind: .file)
        space.unmap(Address(end / 2)..<Address(end / 2 + 1))
        _ = space.lookup(record.start)
    case RecordHeader.Kind.comm: _ = CommandRecord(bytes, header: header)
    case RecordHeader.Kind.fork, RecordHeader.Kind.exit: _ = TaskRecord(bytes)
    default:
        for layout in Records.layouts {
            guard let record = SampleRecord(bytes, header: header, layout: layout) else { continue }
            precondition(record.stack.byteCount <= bytes.byteCount)
            _ = record.stackPointer
            var sum: UInt64 = 0
            for index in 0..<record.callChain.count { sum &+= record.callChain[index] }
            for index in 0..<record.registers.count { sum &+= record.registers[index] }
        }
    }
}

/// Sound records.
private enum Records {
    static let layouts = [
        RecordLayout(hasCallChain: true, registerCount: RegisterLayout.count, hasStack: true),
        RecordLayout(hasCallChain: true, registerCount: 0, hasStack: false),
        RecordLayout(hasCallChain: false, registerCount: 0, hasStack: false),
    ]

    static let all: [[UInt8]] = {
        let task: UInt64 = 7 | 8 << 32
        let registers = [UInt64(2)] + (0..<UInt64(RegisterLayout.count)).map { 100 + $0 }
        let stack = [UInt64(64)] + (0..<8).map { UInt64($0) } + [40]
        let trailer: [UInt64] = [task, 500, 0, 1]
        let path: [UInt64] = [0x6e69_622f_7273_752f, 0x0000_0000_6362_612f]
        let sample: [UInt64] = [1, 0x1234, task, 400, 3, 1_000_000, 3, UInt64(bitPattern: -512), 0x1234, 0x5678]
        return [
            record(9, sample + registers + stack), record(9, [1, 0x1234, task, 401, 3, 9, 0]),
            record(10, [task, 0x40_0000, 0x1000, 0, 0x11_0000_0001, 77, 1, 5] + path + trailer),
            record(10, [task, 0x40_0000, 0x1000, 0, 20, 1, 2, 5] + path + trailer, flags: 2 | 1 << 14),
            record(1, [task, 0x40_0000, 0x1000, 0] + path + trailer), record(3, [task, 0x6e6f_6874] + trailer),
            record(7, [task, task, 450] + trailer), record(4, [task, task, 450] + trailer),
            record(2, [1, 5] + trailer), record(5, [450, 1, 1] + trailer), record(13, [4] + trailer),
        ]
    }()

    static func bytes(_ words: [UInt64]) -> [UInt8] {
        words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }

    private static func record(_ kind: UInt64, _ words: [UInt64], flags: UInt64 = 2) -> [UInt8] {
        bytes([kind | flags << 32 | UInt64(8 + 8 * words.count) << 48] + words)
    }
}

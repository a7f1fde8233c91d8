@testable import PerfSampler

/// Makes records as the kernel writes them, and rings in ordinary memory to read them from.
struct RecordBuilder {
    var bytes: [UInt8] = []

    mutating func append(_ word: UInt64) {
        withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A whole record of `kind` with `words` behind its header.
    static func record(kind: UInt32, flags: UInt16 = 2, words: [UInt64]) -> [UInt8] {
        var builder = RecordBuilder()
        let size = UInt64(8 + 8 * words.count)
        builder.append(UInt64(kind) | UInt64(flags) << 32 | size << 48)
        for word in words { builder.append(word) }
        return builder.bytes
    }

    /// What `sample_id_all` appends.
    static func trailer(process: Int32 = 7, thread: Int32 = 7, time: UInt64, identifier: UInt64 = 1) -> [UInt64] {
        [UInt64(UInt32(bitPattern: process)) | UInt64(UInt32(bitPattern: thread)) << 32, time, 0, identifier]
    }

    /// A sample with a call chain, 64 bit registers and `stack` words of which `copied` bytes are real.
    static func sample(
        process: Int32 = 7, thread: Int32 = 8, time: UInt64, chain: [UInt64] = [], stack: [UInt64] = [],
        copied: UInt64? = nil
    ) -> [UInt8] {
        let task = UInt64(UInt32(bitPattern: process)) | UInt64(UInt32(bitPattern: thread)) << 32
        var words: [UInt64] = [1, 0x1234, task, time, 3, 1_000_000, UInt64(chain.count)]
        words += chain
        words.append(2)
        words += (0..<UInt64(RegisterLayout.count)).map { 100 + $0 }
        words.append(UInt64(stack.count * 8))
        words += stack
        if !stack.isEmpty { words.append(copied ?? UInt64(stack.count * 8)) }
        return record(kind: 9, words: words)
    }

    /// The eight bytes of text that hold `text`, zero-ended.
    static func text(_ text: String) -> UInt64 {
        var word: UInt64 = 0
        for (index, byte) in text.utf8.prefix(7).enumerated() { word |= UInt64(byte) << UInt64(8 * index) }
        return word
    }

    static let layout = RecordLayout(hasCallChain: true, registerCount: RegisterLayout.count, hasStack: true)
}

/// A ring in ordinary memory, written as the kernel would.
final class TestRing {
    let memory: UnsafeMutableRawPointer
    let byteCount: Int
    private(set) var head: UInt64

    init(byteCount: Int, start: UInt64 = 0) {
        self.byteCount = byteCount
        memory = .allocate(byteCount: 4096 + byteCount, alignment: 4096)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: 4096 + byteCount)
        head = start
        memory.storeBytes(of: start, toByteOffset: 1024, as: UInt64.self)
        memory.storeBytes(of: start, toByteOffset: 1032, as: UInt64.self)
    }

    deinit { memory.deallocate() }

    var view: RingBuffer { RingBuffer(control: memory, pageByteCount: 4096, byteCount: byteCount) }

    var tail: UInt64 { memory.load(fromByteOffset: 1032, as: UInt64.self) }

    /// False, and nothing written, if there is no room.
    @discardableResult
    func write(_ record: [UInt8]) -> Bool {
        guard head - tail + UInt64(record.count) <= UInt64(byteCount) else { return false }
        for byte in record {
            memory.storeBytes(of: byte, toByteOffset: 4096 + Int(head) % byteCount, as: UInt8.self)
            head += 1
        }
        memory.storeBytes(of: head, toByteOffset: 1024, as: UInt64.self)
        return true
    }

    /// Moves the head as a broken kernel would.
    func setHead(_ value: UInt64) {
        head = value
        memory.storeBytes(of: value, toByteOffset: 1024, as: UInt64.self)
    }
}

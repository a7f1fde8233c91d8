/// Makes the bytes of a jitdump.
struct JitDumpBuilder {
    private(set) var bytes: [UInt8] = []
    /// Where each record begins.
    private(set) var offsets: [Int] = []

    init(flags: UInt64 = 0, magic: UInt32 = 0x4a69_5444) {
        add(magic, UInt32(1), UInt32(40), UInt32(62), UInt32(0), UInt32(7))
        add(UInt64(0), flags)
    }

    mutating func load(_ name: String, at address: UInt64, count: UInt64, time: UInt64, number: UInt64) {
        let text = Array(name.utf8) + [0]
        begin(0, 56 + text.count + Int(count), time)
        add(UInt32(7), UInt32(7))
        add(address, address, count, number)
        bytes += text + [UInt8](repeating: 0x90, count: Int(count))
    }

    mutating func move(number: UInt64, to address: UInt64, count: UInt64, time: UInt64) {
        begin(1, 64, time)
        add(UInt32(7), UInt32(7))
        add(address, UInt64(0), address, count, number)
    }

    mutating func lines(_ entries: [(address: UInt64, line: UInt32, file: [UInt8])], at address: UInt64, time: UInt64) {
        begin(2, 32 + entries.reduce(0) { $0 + 17 + $1.file.count }, time)
        add(address, UInt64(entries.count))
        for entry in entries {
            add(entry.address)
            add(entry.line, UInt32(0))
            bytes += entry.file + [0]
        }
    }

    mutating func close(time: UInt64) { begin(3, 16, time) }

    mutating func begin(_ type: UInt32, _ byteCount: Int, _ time: UInt64) {
        offsets.append(bytes.count)
        add(type, UInt32(byteCount))
        add(time)
    }

    private mutating func add<Number: FixedWidthInteger>(_ numbers: Number...) {
        for number in numbers {
            for byte in 0..<(Number.bitWidth / 8) { bytes.append(UInt8(truncatingIfNeeded: number >> (byte * 8))) }
        }
    }
}

internal import Primitives

/// The lines of one piece of code, from a `JIT_CODE_DEBUG_INFO` record.
struct JitDumpLines {
    private struct Entry {
        var address: UInt64
        var line: UInt32
        var file: Int
    }

    private var entries: [Entry] = []
    private var files: [String] = []

    /// From the entries of a record; what is cut off or makes no sense ends the list.
    init(_ bytes: RawSpan) {
        var reader = ByteReader(bytes)
        while let entry = try? Self.next(&reader) {
            // The bytes ff 00 for a name mean that of the entry before (perf's util/jitdump.h).
            if entry.name != [0xff] { files.append(String(decoding: entry.name, as: UTF8.self)) }
            guard !files.isEmpty else { continue }
            entries.append(Entry(address: entry.address, line: entry.line, file: files.count - 1))
        }
        entries.sort { $0.address < $1.address }
    }

    /// The file and line of the code at `address`; nil before the first entry.
    func line(at address: UInt64) -> (file: String, line: Int)? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : (files[entries[low - 1].file], Int(entries[low - 1].line))
    }

    @_lifetime(reader: copy reader)
    private static func next(
        _ reader: inout ByteReader
    ) throws(ReadError) -> (address: UInt64, line: UInt32, name: [UInt8]) {
        let address = try reader.read(UInt64.self)
        let line = try reader.read(UInt32.self)
        try reader.skip(4)
        var name: [UInt8] = []
        while true {
            let byte = try reader.read(UInt8.self)
            if byte == 0 { return (address, line, name) }
            if name.count < 4_096 { name.append(byte) }
        }
    }
}

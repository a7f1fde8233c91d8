import Primitives

// The layouts are those of enum perf_event_type in include/uapi/linux/perf_event.h, each followed by the trailer that
// `sample_id_all` appends. Every initializer gives nil when the record is too short for what it says.

extension MappingRecord {
    init?(_ record: RawSpan, header: RecordHeader) {
        let isSecond = header.kind == RecordHeader.Kind.mmap2
        let nameStart = isSecond ? 72 : 40
        let end = record.byteCount - RecordLayout.trailerByteCount
        guard end >= nameStart else { return nil }
        let task = record.word(at: 8)
        processID = ProcessID(Int32(truncatingIfNeeded: task))
        threadID = ThreadID(Int32(truncatingIfNeeded: task >> 32))
        timeNanoseconds = record.word(at: record.byteCount - 24)
        start = Address(record.word(at: 16))
        byteCount = record.word(at: 24)
        fileOffset = FileOffset(record.word(at: 32))
        (deviceMajor, deviceMinor, inode, protection, flags) = (0, 0, 0, 0, 0)
        if isSecond {
            let protectionWord = record.word(at: 64)
            protection = UInt32(truncatingIfNeeded: protectionWord)
            flags = UInt32(truncatingIfNeeded: protectionWord >> 32)
            if header.flags & RecordHeader.buildIDFlag != 0 {
                let size = Int(record.word(at: 40) & 0xff)
                guard size <= 20 else { return nil }
                buildID = BuildID([UInt8](copying: record.extracting(44..<(44 + size))))
            } else {
                let device = record.word(at: 40)
                deviceMajor = UInt32(truncatingIfNeeded: device)
                deviceMinor = UInt32(truncatingIfNeeded: device >> 32)
                inode = record.word(at: 48)
            }
        }
        path = record.text(nameStart..<end)
        isKernel = header.mode == .kernel
    }
}

extension CommandRecord {
    init?(_ record: RawSpan, header: RecordHeader) {
        let end = record.byteCount - RecordLayout.trailerByteCount
        guard end >= 16 else { return nil }
        let task = record.word(at: 8)
        processID = ProcessID(Int32(truncatingIfNeeded: task))
        threadID = ThreadID(Int32(truncatingIfNeeded: task >> 32))
        timeNanoseconds = record.word(at: record.byteCount - 24)
        name = record.text(16..<end)
        isExec = header.flags & RecordHeader.commandExecFlag != 0
    }
}

extension TaskRecord {
    init?(_ record: RawSpan) {
        guard record.byteCount >= 32 + RecordLayout.trailerByteCount else { return nil }
        let processes = record.word(at: 8)
        let threads = record.word(at: 16)
        processID = ProcessID(Int32(truncatingIfNeeded: processes))
        parentProcessID = ProcessID(Int32(truncatingIfNeeded: processes >> 32))
        threadID = ThreadID(Int32(truncatingIfNeeded: threads))
        parentThreadID = ThreadID(Int32(truncatingIfNeeded: threads >> 32))
        timeNanoseconds = record.word(at: 24)
    }
}

extension RawSpan {
    /// The text in `range` up to its first zero byte.
    fileprivate func text(_ range: Range<Int>) -> String {
        let field = extracting(range)
        var length = 0
        while length < field.byteCount, unsafe field.unsafeLoad(fromUncheckedByteOffset: length, as: UInt8.self) != 0 {
            length += 1
        }
        return String(decodingBytes: field.extracting(0..<length))
    }
}

/// The parts of a sample record that depend on the configuration.
struct RecordLayout: Sendable {
    var hasCallChain: Bool
    var registerCount: Int
    var hasStack: Bool

    /// Header, identifier, ip, pid/tid, time, cpu, period.
    static let fixedSampleByteCount = 56
    /// What `sample_id_all` appends to every other record: pid/tid, time, cpu, identifier.
    static let trailerByteCount = 32
    /// No record is longer: the size is 16 bits.
    static let largestRecordByteCount = 65_536
}

/// `struct perf_event_header`.
struct RecordHeader {
    enum Kind {
        static let mmap: UInt32 = 1
        static let lost: UInt32 = 2
        static let comm: UInt32 = 3
        static let exit: UInt32 = 4
        static let throttle: UInt32 = 5
        static let unthrottle: UInt32 = 6
        static let fork: UInt32 = 7
        static let sample: UInt32 = 9
        static let mmap2: UInt32 = 10
        static let lostSamples: UInt32 = 13
        static let deferredCallChain: UInt32 = 22
    }

    /// PERF_RECORD_MISC_CPUMODE_*.
    enum Mode: UInt16 {
        case unknown = 0
        case kernel = 1
        case user = 2
        case hypervisor = 3
        case guestKernel = 4
        case guestUser = 5
    }

    /// PERF_RECORD_MISC_MMAP_BUILD_ID.
    static let buildIDFlag: UInt16 = 1 << 14
    /// PERF_RECORD_MISC_COMM_EXEC and PERF_RECORD_MISC_MMAP_DATA share a bit.
    static let commandExecFlag: UInt16 = 1 << 13

    var kind: UInt32
    var flags: UInt16
    var byteCount: Int

    /// The header from the first word of a record.
    init(word: UInt64) {
        kind = UInt32(truncatingIfNeeded: word)
        flags = UInt16(truncatingIfNeeded: word >> 32)
        byteCount = Int(word >> 48)
    }

    var mode: Mode { Mode(rawValue: flags & 7) ?? .unknown }

    /// Where the record's time is, in bytes from its start; nil if the record is too short to have one.
    var timeOffset: Int? {
        if kind == Kind.sample { return byteCount >= RecordLayout.fixedSampleByteCount ? 32 : nil }
        return byteCount >= 8 + RecordLayout.trailerByteCount ? byteCount - 24 : nil
    }
}

extension RawSpan {
    /// The little-endian word at `offset`; traps outside the bytes, so callers check first.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= byteCount - 8)
        return unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
    }
}

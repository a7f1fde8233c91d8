public import Primitives

/// One sample, valid only while the sink looks at it: its bytes stay in the kernel's ring.
public struct SampleRecord: ~Escapable {
    /// The process (thread group).
    public internal(set) var processID: ProcessID
    /// The thread.
    public internal(set) var threadID: ThreadID
    /// CLOCK_MONOTONIC in nanoseconds.
    public let timeNanoseconds: UInt64
    /// The CPU that it was taken on.
    public let cpu: UInt32
    /// The event, as a position in `SamplerConfiguration.events`.
    public internal(set) var eventIndex: Int
    /// The weight: what happened since the event's previous sample, in its unit.
    public let period: UInt64
    /// Where the CPU was, in the kernel or in user space.
    public let instructionPointer: Address
    /// Whether `instructionPointer` is the kernel's (or a hypervisor's).
    public let isKernel: Bool
    /// The kernel's call chain with its PERF_CONTEXT_* markers (values of `CallChainContext`); empty if not asked for.
    public let callChain: WordSpan
    /// The form of `registers`.
    public let registerABI: RegisterABI
    /// The user registers in the order of `RegisterLayout`; empty if `registerABI` is none.
    public let registers: WordSpan
    /// The top of the user stack, from the stack pointer upwards: only the bytes that could be copied.
    public let stack: RawSpan
    /// There was room for more than the bytes of `stack`, so the mapped stack ends with them. The room is the record's own:
    /// the kernel shortens the copy that was asked for when a long call chain leaves less of the record's 64 KB. Without a
    /// single byte, the page at the stack pointer was not in memory yet, and nothing is known of the rest.
    public let hasWholeStack: Bool
    /// The kernel's number of the event that was opened.
    let identifier: UInt64

    /// The user stack pointer; nil without registers.
    public var stackPointer: Address? {
        registers.isEmpty ? nil : Address(registers[RegisterLayout.stackPointerIndex])
    }

    /// The sample in `record`; nil if a length in it contradicts the record's size.
    ///
    /// The layout is PERF_RECORD_SAMPLE in include/uapi/linux/perf_event.h, restricted to what `attributes` asks for.
    @_lifetime(copy record)
    init?(_ record: RawSpan, header: RecordHeader, layout: RecordLayout) {
        let end = record.byteCount
        guard end >= RecordLayout.fixedSampleByteCount else { return nil }
        identifier = record.word(at: 8)
        instructionPointer = Address(record.word(at: 16))
        let task = record.word(at: 24)
        processID = ProcessID(Int32(truncatingIfNeeded: task))
        threadID = ThreadID(Int32(truncatingIfNeeded: task >> 32))
        timeNanoseconds = record.word(at: 32)
        cpu = UInt32(truncatingIfNeeded: record.word(at: 40))
        period = record.word(at: 48)
        eventIndex = 0
        isKernel = header.mode != .user && header.mode != .guestUser
        var offset = RecordLayout.fixedSampleByteCount

        if layout.hasCallChain {
            guard end - offset >= 8 else { return nil }
            let count = record.word(at: offset)
            offset += 8
            guard count <= UInt64((end - offset) >> 3) else { return nil }
            let next = offset + Int(count) << 3
            callChain = WordSpan(record.extracting(offset..<next))
            offset = next
        } else {
            callChain = WordSpan(record.extracting(0..<0))
        }

        var abi = RegisterABI.none
        var registerRange = 0..<0
        if layout.registerCount > 0 {
            guard end - offset >= 8, let form = RegisterABI(rawValue: UInt8(clamping: record.word(at: offset))) else {
                return nil
            }
            offset += 8
            if form != .none {
                abi = form
                let next = offset + layout.registerCount << 3
                guard next <= end else { return nil }
                registerRange = offset..<next
                offset = next
            }
        }
        registerABI = abi
        registers = WordSpan(record.extracting(registerRange))

        var stackRange = 0..<0
        var isWhole = false
        if layout.hasStack {
            guard end - offset >= 8 else { return nil }
            let reserved = record.word(at: offset)
            offset += 8
            if reserved != 0 {
                guard end - offset >= 8, reserved <= UInt64(end - offset - 8) else { return nil }
                let copied = record.word(at: offset + Int(reserved))
                guard copied <= reserved else { return nil }
                stackRange = offset..<(offset + Int(copied))
                isWhole = copied > 0 && copied < reserved
            }
        }
        stack = record.extracting(stackRange)
        hasWholeStack = isWhole
    }
}

/// The markers between the parts of a call chain (enum perf_callchain_context).
public enum CallChainContext {
    /// The addresses that follow are the kernel's.
    public static let kernel = UInt64(bitPattern: -128)
    /// The addresses that follow are the user program's.
    public static let user = UInt64(bitPattern: -512)
    /// The user part comes later, in a record of its own (Linux 6.19).
    public static let userDeferred = UInt64(bitPattern: -640)
    /// Every marker is at or above this.
    public static let lowest = UInt64(bitPattern: -4095)
}

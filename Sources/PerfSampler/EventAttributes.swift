import CPerfEvent
import Primitives

/// The bit-fields of `perf_event_attr` (include/uapi/linux/perf_event.h), by position.
struct AttributeFlags: OptionSet {
    var rawValue: UInt64

    static let disabled = AttributeFlags(rawValue: 1 << 0)
    static let inherit = AttributeFlags(rawValue: 1 << 1)
    static let excludeUser = AttributeFlags(rawValue: 1 << 4)
    static let excludeKernel = AttributeFlags(rawValue: 1 << 5)
    static let excludeHypervisor = AttributeFlags(rawValue: 1 << 6)
    static let mmap = AttributeFlags(rawValue: 1 << 8)
    static let comm = AttributeFlags(rawValue: 1 << 9)
    static let frequency = AttributeFlags(rawValue: 1 << 10)
    static let enableOnExec = AttributeFlags(rawValue: 1 << 12)
    static let task = AttributeFlags(rawValue: 1 << 13)
    static let watermark = AttributeFlags(rawValue: 1 << 14)
    static let sampleIDAll = AttributeFlags(rawValue: 1 << 18)
    static let excludeCallChainKernel = AttributeFlags(rawValue: 1 << 21)
    static let excludeCallChainUser = AttributeFlags(rawValue: 1 << 22)
    static let mmap2 = AttributeFlags(rawValue: 1 << 23)
    static let commExec = AttributeFlags(rawValue: 1 << 24)
    static let useClockID = AttributeFlags(rawValue: 1 << 25)
    static let buildID = AttributeFlags(rawValue: 1 << 34)
    static let inheritThread = AttributeFlags(rawValue: 1 << 35)
    static let deferCallChain = AttributeFlags(rawValue: 1 << 38)
    static let deferOutput = AttributeFlags(rawValue: 1 << 39)
}

/// enum perf_event_sample_format.
enum SampleType {
    static let instructionPointer: UInt64 = 1 << 0
    static let thread: UInt64 = 1 << 1
    static let time: UInt64 = 1 << 2
    static let callChain: UInt64 = 1 << 5
    static let cpu: UInt64 = 1 << 7
    static let period: UInt64 = 1 << 8
    static let userRegisters: UInt64 = 1 << 12
    static let userStack: UInt64 = 1 << 13
    static let identifier: UInt64 = 1 << 16
}

/// What the running kernel accepts; each is switched off when it answers EINVAL.
struct KernelFeatures {
    /// PERF_FORMAT_LOST, Linux 6.0.
    var lostCount = true
    /// Build IDs in MMAP2 records, Linux 5.12.
    var buildID = true
    /// Inheritance by threads alone, Linux 5.13.
    var inheritThread = true
    /// User call chains that are walked when a thread returns to user space, Linux 6.19; on only where a probe found it.
    var deferredCallChain = false

    /// Switches the newest feature off that is still on; false when there is none left.
    mutating func giveUpOne() -> Bool {
        if deferredCallChain {
            deferredCallChain = false
        } else if lostCount {
            lostCount = false
        } else if inheritThread {
            inheritThread = false
        } else if buildID {
            buildID = false
        } else {
            return false
        }
        return true
    }
}

/// PERF_FORMAT_ID | PERF_FORMAT_LOST (enum perf_event_read_format).
private let readFormatID: UInt64 = 1 << 2
private let readFormatLost: UInt64 = 1 << 4

extension SamplerConfiguration {
    /// What records look like; the same for all events.
    var layout: RecordLayout {
        RecordLayout(
            hasCallChain: userCallChain || kernelCallChain,
            registerCount: stackByteCount > 0 ? RegisterLayout.mask.nonzeroBitCount : 0, hasStack: stackByteCount > 0)
    }

    /// The stack size as the kernel wants it: a multiple of 8 that fits a record's 16 bit size.
    var acceptedStackByteCount: UInt32 {
        UInt32(min(max(stackByteCount, 0), 65_528) & ~7)
    }

    /// The kernel's description of event number `index`; with `isFiltered`, of one for all tasks of a CPU that does not
    /// count yet.
    func attributes(
        event index: Int, features: KernelFeatures, excludeKernel: Bool, frequencyLimit: Int, watermark: Int,
        isFiltered: Bool = false
    ) -> cperf_attributes {
        let event = events[index]
        var attributes = cperf_attributes()
        attributes.type = event.type
        attributes.config = event.configuration
        attributes.read_format = readFormatID | (features.lostCount ? readFormatLost : 0)
        attributes.sample_type =
            SampleType.identifier | SampleType.instructionPointer | SampleType.thread | SampleType.time
            | SampleType.cpu | SampleType.period
        var flags: AttributeFlags = [.sampleIDAll, .useClockID, .watermark, .excludeHypervisor]
        switch event.rate {
        case .frequency(let frequency):
            flags.insert(.frequency)
            attributes.sample_period_or_frequency = UInt64(max(1, min(frequency, frequencyLimit)))
        case .period(let period):
            attributes.sample_period_or_frequency = max(1, period)
        }
        if index == 0 {
            // One event per task and CPU reports mappings and tasks; more would repeat them.
            flags.formUnion([.mmap, .mmap2, .comm, .commExec, .task])
            if features.buildID { flags.insert(.buildID) }
        }
        if layout.hasCallChain {
            attributes.sample_type |= SampleType.callChain
            if !userCallChain { flags.insert(.excludeCallChainUser) }
            if userCallChain, features.deferredCallChain {
                flags.insert(.deferCallChain)
                // As with mappings, one event per task and CPU is enough to bring the records.
                if index == 0 { flags.insert(.deferOutput) }
            }
            if !kernelCallChain || excludeKernel { flags.insert(.excludeCallChainKernel) }
        }
        if layout.hasStack {
            attributes.sample_type |= SampleType.userRegisters | SampleType.userStack
            attributes.sample_regs_user = RegisterLayout.mask
            attributes.sample_stack_user = acceptedStackByteCount
        }
        if excludeKernel || self.excludeKernel || event.excludeKernel { flags.insert(.excludeKernel) }
        if excludeUser || event.excludeUser { flags.insert(.excludeUser) }
        switch target {
        case _ where isFiltered:
            flags.insert(.disabled)
        case .processes(_, let includeChildren):
            flags.insert(.inherit)
            if !includeChildren, features.inheritThread { flags.insert(.inheritThread) }
        case .command(_, let includeChildren):
            flags.formUnion([.inherit, .disabled, .enableOnExec])
            if !includeChildren, features.inheritThread { flags.insert(.inheritThread) }
        case .threads, .system, .cgroup:
            break
        }
        attributes.flags = flags.rawValue
        attributes.clockid = 1  // CLOCK_MONOTONIC
        attributes.wakeup_watermark = UInt32(clamping: watermark)
        return attributes
    }
}

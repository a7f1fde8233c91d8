import Glibc
import Primitives

/// How large the rings should be.
struct RingPlan {
    /// The size to try first.
    var preferred: Int
    /// The size below which sampling makes no sense: a few records.
    var smallest: Int

    /// The default limit of one ring: 128 samples with 64 KB of stack.
    static let largest = 8 << 20
    /// What all rings together may take on machines with many CPUs.
    static let largestTotal = 512 << 20
    /// Without a rate to compute from (`.period`).
    static let assumedRate = 4_000

    /// Aims at room for a second of samples on a busy CPU, at most `largest`, within what the user may lock: on a machine
    /// whose CPUs are all busy a reader may have to wait that long for its turn.
    ///
    /// `lockedLimit` is the number of bytes that one ring with its control page may take; nil for no limit.
    init(configuration: SamplerConfiguration, frequencyLimit: Int, cpuCount: Int, lockedLimit: Int?, pageByteCount: Int)
    {
        var rate = 0
        for event in configuration.events {
            switch event.rate {
            case .frequency(let frequency): rate += max(1, min(frequency, frequencyLimit))
            case .period: rate += RingPlan.assumedRate
            }
        }
        let layout = configuration.layout
        // A call chain of 64 entries is long for the kernel and usual for frame pointers.
        let record =
            RecordLayout.fixedSampleByteCount + (layout.hasCallChain ? 8 * 65 : 0)
            + (layout.hasStack ? 8 * layout.registerCount + 24 + Int(configuration.acceptedStackByteCount) : 0)
        smallest = RingPlan.powerOfTwo(notBelow: max(4 * record, pageByteCount))
        var size: Int
        if let wanted = configuration.ringByteCount {
            size = RingPlan.powerOfTwo(notBelow: max(min(wanted, 1 << 30), pageByteCount))
            smallest = min(smallest, size)
        } else {
            size = RingPlan.powerOfTwo(notBelow: max(rate &* record, 256 << 10))
            size = min(size, RingPlan.largest)
            while size > smallest, size * max(1, cpuCount) > RingPlan.largestTotal { size /= 2 }
        }
        if let lockedLimit {
            while size > smallest, size + pageByteCount > lockedLimit { size /= 2 }
        }
        preferred = max(size, smallest)
    }

    /// What this user may lock for one ring; nil for no limit (perf_event_open(2), kernel/events/core.c `perf_mmap`).
    static func lockedLimit(cpuCount: Int) -> Int? {
        let capabilities = PerfCapabilities.Capabilities(
            rawValue: PerfCapabilities.status("CapEff").flatMap { UInt64($0, radix: 16) } ?? 0)
        if capabilities.contains(.ipcLock) { return nil }
        if PerfCapabilities.integer("/proc/sys/kernel/perf_event_paranoid") ?? 2 < 0 { return nil }
        let kilobytes = PerfCapabilities.integer("/proc/sys/kernel/perf_event_mlock_kb") ?? 516
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(__RLIMIT_MEMLOCK.rawValue), &limit) == 0 else {
            return kilobytes << 10
        }
        if limit.rlim_cur > 1 << 50 { return nil }
        return kilobytes << 10 + Int(limit.rlim_cur) / max(1, cpuCount)
    }

    private static func powerOfTwo(notBelow size: Int) -> Int {
        var result = 4096
        while result < size, result < 1 << 30 { result *= 2 }
        return result
    }
}

public import Primitives

/// What the sampler counted of one event.
public struct EventStatistics: Sendable, Hashable {
    /// Samples handed to the sink.
    public var samples: UInt64 = 0
    /// Records that the kernel announced as lost because a ring was full.
    public var announcedLost: UInt64 = 0
    /// Records that the kernel counted as lost in all (Linux 6.0, read when stopping); nil if not known.
    public var countedLost: UInt64?
    /// How often the kernel throttled the event.
    public var throttled: UInt64 = 0

    /// The records lost, by the better of the two counts.
    public var lost: UInt64 { max(announcedLost, countedLost ?? 0) }
}

/// Why time in the kernel is missing although it was asked for.
public enum KernelExclusion: Sendable, Hashable {
    /// `kernel.perf_event_paranoid` is above 1 and we have no CAP_PERFMON.
    case paranoid(level: Int)
    /// The kernel refused with this error.
    case refused(SystemError)
}

/// What a `Sampler` opened and counted.
public struct SamplerStatistics: Sendable {
    /// Per event, in the order of the configuration.
    public internal(set) var events: [EventStatistics]
    /// Records of any kind that were read.
    public internal(set) var records: UInt64 = 0
    /// Bytes that were read.
    public internal(set) var bytes: UInt64 = 0
    /// Lost records that the kernel did not attribute to an event we know.
    public internal(set) var unattributedLost: UInt64 = 0
    /// Records that contradicted themselves.
    public internal(set) var corrupt: UInt64 = 0
    /// Records that came after a later one had been delivered.
    public internal(set) var outOfOrder: UInt64 = 0
    /// Second copies of samples of threads that were both inherited and opened, dropped.
    public internal(set) var duplicates: UInt64 = 0
    /// Samples from before `start`, or of processes that were not asked for (old kernels), dropped.
    public internal(set) var ignored: UInt64 = 0
    /// The size of each ring.
    public internal(set) var ringByteCount = 0
    /// The number of rings: CPUs.
    public internal(set) var ringCount = 0
    /// Whether user call chains come in records of their own.
    public internal(set) var hasDeferredCallChains = false
    /// How the events were attached: never `automatic`; nil for the system and cgroups.
    public internal(set) var attachment: EventAttachment?
    /// Processes that were not followed because too many others were.
    public internal(set) var unfollowedProcesses: UInt64 = 0
    /// The frequency that replaced a higher one because of `kernel.perf_event_max_sample_rate`.
    public internal(set) var clampedFrequency: Int?
    /// Why the kernel is left out although it was not to be.
    public internal(set) var kernelExcluded: KernelExclusion?
    /// Whether mapping records carry build IDs.
    public internal(set) var hasBuildIDs = true

    /// Lost records of all events.
    public var lost: UInt64 { events.reduce(unattributedLost) { $0 &+ $1.lost } }
    /// Samples of all events.
    public var samples: UInt64 { events.reduce(0) { $0 &+ $1.samples } }
    /// Throttlings of all events.
    public var throttled: UInt64 { events.reduce(0) { $0 &+ $1.throttled } }
}

public import Primitives

/// What to sample.
public enum SamplingTarget: Sendable {
    /// These processes with all their threads, those that start later as well; with `includeChildren` also their
    /// descendants, existing and future.
    case processes([ProcessID], includeChildren: Bool)
    /// These threads only.
    case threads([ThreadID])
    /// A child made by `CommandLauncher` that has not called exec yet; with `includeChildren` also all its descendants.
    case command(ProcessID, includeChildren: Bool = true)
    /// Every process on every CPU.
    case system
    /// The processes of a cgroup: an absolute path, or a name below the mounted hierarchy.
    case cgroup(path: String)
}

/// What a `Sampler` opens and what each sample carries.
public struct SamplerConfiguration: Sendable {
    /// What to sample.
    public var target: SamplingTarget
    /// The events; the order gives `SampleRecord.eventIndex`. Not empty.
    public var events: [SamplingEvent]
    /// How much of the user stack each sample copies, at most 65 528; 0 for no registers and no stack.
    public var stackByteCount: Int
    /// Whether the kernel follows the user frame pointers.
    public var userCallChain: Bool
    /// Whether samples in the kernel carry the kernel's call chain.
    public var kernelCallChain: Bool
    /// Whether time in the kernel is left out.
    public var excludeKernel: Bool
    /// Whether time in user space is left out.
    public var excludeUser: Bool
    /// The size of each CPU's ring; nil to compute it from rate, record size and the limits of the system.
    public var ringByteCount: Int?
    /// How the events reach the target; of no meaning for the system and cgroups.
    public var attachment: EventAttachment

    /// A configuration with a 64 KB stack copy and the kernel's call chain.
    public init(
        target: SamplingTarget, events: [SamplingEvent], stackByteCount: Int = 65_520, userCallChain: Bool = false,
        kernelCallChain: Bool = true, excludeKernel: Bool = false, excludeUser: Bool = false,
        ringByteCount: Int? = nil, attachment: EventAttachment = .automatic
    ) {
        self.target = target
        self.events = events
        self.stackByteCount = stackByteCount
        self.userCallChain = userCallChain
        self.kernelCallChain = kernelCallChain
        self.excludeKernel = excludeKernel
        self.excludeUser = excludeUser
        self.ringByteCount = ringByteCount
        self.attachment = attachment
    }

    /// The stack copy that keeps up at `frequency` samples a second and CPU: 64 KB up to 2 kHz, 32 KB up to 4 kHz,
    /// 16 KB above. Larger copies at those rates cost the target more than 5 % (measured on a 2 CPU VM).
    public static func defaultStackByteCount(frequency: Int) -> Int {
        if frequency <= 2_000 { return 65_520 }
        return frequency <= 4_000 ? 32_768 : 16_384
    }
}

public import PerfSampler

/// How good a recording is and what it cost: the figures behind the paragraph on the terminal, the comments in the
/// profile and `--json`.
public struct QualityAccount: Sendable {
    /// How samples are weighed and how often they were asked for.
    public struct Event: Sendable {
        /// The name of the event: `cpu-clock`, `cycles`, `page-faults`.
        public var name: String
        /// Samples of this event in the profile.
        public var sampleCount: UInt64 = 0
        /// The sum of their weights, in `unit`.
        public var weight: UInt64 = 0
        /// `nanoseconds` for clocks, else `count`.
        public var unit: String
    }

    /// A file whose code was sampled and not (wholly) named, and why.
    public struct ModuleProblem: Sendable, Hashable {
        public var path: String
        public var problem: String
    }

    public var events: [Event] = []
    /// Samples in the profile, of all events.
    public var sampleCount: UInt64 = 0
    /// Samples that the kernel dropped because a ring was full.
    public var lostCount: UInt64 = 0
    /// Times that the kernel stopped an event because it took too much time.
    public var throttleCount: UInt64 = 0
    /// How the events reached the targets; nil for the system and cgroups.
    public var attachment: EventAttachment?
    /// Records that came later than others with a later time, and were used all the same.
    public var outOfOrderCount: UInt64 = 0
    /// Records that made no sense and were dropped.
    public var malformedCount: UInt64 = 0
    /// Samples dropped because their thread was sampled twice while sprof attached.
    public var duplicateCount: UInt64 = 0
    /// Samples dropped because they were taken before the start, or of others than the targets.
    public var foreignCount: UInt64 = 0

    /// Samples that have user code.
    public var userStackCount: UInt64 = 0
    /// Of these, how many reach the outermost function.
    public var completeCount: UInt64 = 0
    /// Of these, how many end because the copy of the stack did.
    public var truncatedCount: UInt64 = 0
    /// Of these, how many end for another reason; the reasons with their numbers.
    public var unwindFailures: [String: UInt64] = [:]
    /// Frames that were found by scanning the stack.
    public var guessedFrameCount: UInt64 = 0

    public var processCount = 0
    public var threadCount = 0
    /// Distinct code addresses, and how many of them got no name.
    public var addressCount = 0
    public var unnamedAddressCount = 0
    /// Files whose names are missing or incomplete.
    public var moduleProblems: [ModuleProblem] = []
    /// One line each on what was not possible, with what would make it possible.
    public var notes: [String] = []

    public var elapsedNanoseconds: UInt64 = 0
    /// The CPU time that the kernel accounts to the sampled processes for the same time; nil if it is not known.
    public var kernelCPUNanoseconds: UInt64?
    /// sprof's own CPU time until recording ended, and from then on.
    public var recordingCPUNanoseconds: UInt64 = 0
    public var symbolizingCPUNanoseconds: UInt64 = 0
    /// The most memory that sprof itself held until recording ended, without the rings: these are the kernel's.
    public var recordingPeakMemoryBytes: UInt64 = 0
    /// The most that it held until its end.
    public var peakMemoryBytes: UInt64 = 0

    /// The share of user stacks that reach the outermost function, 0...1; 1 when there are none.
    public var completeShare: Double {
        userStackCount == 0 ? 1 : Double(completeCount) / Double(userStackCount)
    }

    /// Lost samples as a share of all that were due, 0...1.
    public var lostShare: Double {
        let due = sampleCount + lostCount
        return due == 0 ? 0 : Double(lostCount) / Double(due)
    }

    /// The CPU time that the samples stand for; nil when no clock was sampled.
    public var sampledCPUNanoseconds: UInt64? {
        events.first { $0.unit == "nanoseconds" }?.weight
    }

    /// Samples of the clock per second of CPU time that the targets used: what to compare with the rate that was asked for.
    public var samplesPerCPUSecond: Double? {
        guard let kernelCPUNanoseconds, kernelCPUNanoseconds > 0,
            let clock = events.first(where: { $0.unit == "nanoseconds" })
        else { return nil }
        return Double(clock.sampleCount) * 1e9 / Double(kernelCPUNanoseconds)
    }
}

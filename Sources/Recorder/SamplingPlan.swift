internal import PerfSampler

/// What the options mean on this machine: the events to open, and what each sample carries.
struct SamplingPlan {
    let events: [SamplingEvent]
    /// Which of the events was asked for as `cpu`, and so is shown as time; nil if none.
    let cpuEvent: Int?
    /// One line each on what could not be as it was asked for.
    let notes: [String]

    private let options: RecordingOptions
    private let stackByteCount: Int

    init(_ options: RecordingOptions) throws(SamplerError) {
        self.options = options
        var events: [SamplingEvent] = []
        var cpuEvent: Int?
        var notes: [String] = []
        for name in options.events {
            // A tracepoint fires at every occurrence unless the user asked for something else.
            var event = try SamplingEvent.resolve(name, rate: options.rate.map(Self.rate))
            guard !events.contains(where: { $0.fullName == event.fullName }) else { continue }
            if event.unit == .nanoseconds, case .period(let period) = event.rate,
                period < SamplingEvent.leastClockPeriod
            {
                event.rate = .period(SamplingEvent.leastClockPeriod)
                notes.append(
                    "\(event.name) is sampled every \(SamplingEvent.leastClockPeriod) ns: the kernel's timer takes no shorter"
                        + " period")
            }
            if name.split(separator: ":").first == "cpu" { cpuEvent = events.count }
            events.append(event)
        }
        self.cpuEvent = cpuEvent
        self.notes = notes
        self.events = events
        let frequency = events.map(Self.samplesPerSecond).max() ?? 0
        stackByteCount =
            options.stackMethod == .unwindTables && !options.kernelOnly
            ? options.stackByteCount.map { $0 & ~7 } ?? SamplerConfiguration.defaultStackByteCount(frequency: frequency)
            : 0
    }

    /// What to open on `target`.
    func configuration(for target: SamplingTarget) -> SamplerConfiguration {
        SamplerConfiguration(
            target: target, events: events, stackByteCount: stackByteCount,
            userCallChain: options.stackMethod == .framePointers && !options.kernelOnly,
            kernelCallChain: options.stackMethod != .none && !options.userOnly,
            excludeKernel: options.userOnly, excludeUser: options.kernelOnly, ringByteCount: options.ringByteCount)
    }

    private static func rate(_ rate: RecordingOptions.Rate) -> SamplingRate {
        switch rate {
        case .frequency(let hertz): .frequency(hertz)
        case .maximumFrequency: .frequency(SamplingEvent.maximumFrequency())
        case .period(let count): .period(count)
        }
    }

    /// The samples per second and CPU to expect, for the size of the stack copy.
    private static func samplesPerSecond(_ event: SamplingEvent) -> Int {
        switch event.rate {
        case .frequency(let hertz): hertz
        case .period(let period):
            event.unit == .nanoseconds ? Int(clamping: 1_000_000_000 / max(period, 1)) : 0
        }
    }
}

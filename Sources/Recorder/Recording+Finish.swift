internal import Glibc
internal import PerfSampler
internal import Primitives
internal import ProfileModel
internal import Symbolizer

extension Recording {
    /// Looks up names and puts the profile together.
    public consuming func finish(progress: (RecordingProgress) -> Void) -> RecordingResult {
        let positions = processor.locations.positions
        let symbols = SymbolResolution(of: positions, options: options, patience: processor.modules.patience)
            .resolve(processor, progress: progress)
        var account = self.account(symbols)
        var profile = ProfileAssembler(events: eventDescriptions)
            .assemble(processor, symbols: symbols, program: program)
        profile.timeNanoseconds = Int64(clamping: startWallNanoseconds)
        profile.durationNanoseconds = Int64(clamping: elapsedNanoseconds)
        setPeriod(of: &profile)
        account.symbolizingCPUNanoseconds =
            Self.cpuNanoseconds - recordingCPUNanoseconds + ResourceUsage.ofChildren.cpuNanoseconds
            - (commandResult.map(Self.cpuNanoseconds) ?? 0)
        account.peakMemoryBytes = ResourceUsage.ofSelf.peakMemoryBytes
        for line in RecordingComments(account: account, options: options, events: events).lines {
            profile.addComment(line)
        }
        return RecordingResult(
            profile: profile, account: account, command: commandResult, hasEndedCommand: hasEndedCommand,
            emptyReason: account.sampleCount == 0 ? emptyReason(account) : nil)
    }

    private var eventDescriptions: [ProfileAssembler.EventDescription] {
        var descriptions: [ProfileAssembler.EventDescription] = []
        for (index, event) in events.enumerated() {
            let scale = timeScale(ofEvent: index)
            let isTime = event.unit == .nanoseconds || scale != nil
            // No two values have one name.
            let isNamed = descriptions.contains { $0.weightType == "cpu" }
            descriptions.append(
                ProfileAssembler.EventDescription(
                    name: event.fullName, unit: isTime ? "nanoseconds" : "count",
                    weightType: isTime && !isNamed ? "cpu" : event.fullName, weightScale: scale))
        }
        return descriptions
    }

    /// What makes time of the weights of an event that was asked for as `cpu` and counts cycles; nil for all others.
    private func timeScale(ofEvent index: Int) -> Double? {
        guard events[index].unit == .count, plan.cpuEvent == index else { return nil }
        return CycleTime.nanosecondsPerCycle(
            cycles: processor.weights[index], samples: processor.sampleCounts[index],
            cpuNanoseconds: kernelCPUNanoseconds, hertz: hertz(of: events[index]))
    }

    /// The rate that the kernel kept to; nil for a fixed period.
    private func hertz(of event: SamplingEvent) -> Int? {
        guard case .frequency(let asked) = event.rate else { return nil }
        return sampler.statistics.clampedFrequency ?? asked
    }

    /// The program to name first: what the first target, or the command, ran last.
    private var program: UInt32? {
        let root = commandProcess ?? sampler.openedTargets.first
        return processor.processes.program(of: root) ?? processor.processes.program(of: nil)
    }

    private func setPeriod(of profile: inout Profile) {
        guard let event = events.first else { return }
        let isTime = event.unit == .nanoseconds || timeScale(ofEvent: 0) != nil
        let period: Int64
        if let hertz = hertz(of: event) {
            // Of a counter in frequency mode the kernel chooses the period anew at each sample: state their mean.
            period =
                isTime
                ? 1_000_000_000 / Int64(max(hertz, 1))
                : Int64(clamping: processor.weights[0] / max(processor.sampleCounts[0], 1))
        } else if case .period(let count) = event.rate {
            let counted = Int64(clamping: count)
            period = timeScale(ofEvent: 0).map { CycleTime.nanoseconds(counted, at: $0) } ?? counted
        } else {
            period = 0
        }
        profile.setPeriod(period, type: isTime ? "cpu" : event.name, unit: isTime ? "nanoseconds" : "count")
    }

    private func account(_ symbols: ResolvedSymbols) -> QualityAccount {
        var account = QualityAccount()
        let sampled = sampler.statistics
        let stacks = processor.statistics
        for (index, event) in events.enumerated() {
            account.events.append(
                QualityAccount.Event(
                    name: event.fullName, sampleCount: processor.sampleCounts[index], weight: processor.weights[index],
                    unit: event.unit == .nanoseconds ? "nanoseconds" : "count"))
        }
        account.sampleCount = processor.sampleCounts.reduce(0, &+)
        account.lostCount = sampled.lost
        account.throttleCount = sampled.throttled
        account.attachment = sampled.attachment
        account.outOfOrderCount = sampled.outOfOrder
        account.malformedCount = sampled.corrupt &+ stacks.malformedMappingCount
        account.duplicateCount = sampled.duplicates
        account.foreignCount = sampled.ignored
        account.userStackCount = stacks.userStackCount
        account.completeCount = stacks.completeCount
        account.truncatedCount = stacks.truncatedCount
        account.unwindFailures = stacks.failures.byReason
        account.guessedFrameCount = stacks.guessedFrameCount
        (account.processCount, account.threadCount) = processor.sampledTaskCounts
        let markerCount = processor.locations.positions.count { $0.source == .marker }
        account.addressCount = processor.locations.positions.count - markerCount
        account.unnamedAddressCount = symbols.addresses.count { $0.innermost == nil } - markerCount
        account.moduleProblems = symbols.problems
        account.notes = notes + samplerNotes(sampled) + symbols.notes
        account.elapsedNanoseconds = elapsedNanoseconds
        account.kernelCPUNanoseconds = kernelCPUNanoseconds
        account.recordingCPUNanoseconds = recordingCPUNanoseconds
        account.recordingPeakMemoryBytes = recordingPeakMemoryBytes
        if let note = account.cpuTimeNote { account.notes.append(note) }
        return account
    }

    private func samplerNotes(_ statistics: SamplerStatistics) -> [String] {
        var notes: [String] = []
        if let hertz = statistics.clampedFrequency {
            notes.append(
                "the kernel allows \(hertz) samples per second at most; allow more with:"
                    + " sudo sysctl kernel.perf_event_max_sample_rate=N")
        }
        switch statistics.kernelExcluded {
        case .paranoid(let level):
            notes.append(
                "time in the kernel is left out (kernel.perf_event_paranoid is \(level)); include it with:"
                    + " sudo sysctl kernel.perf_event_paranoid=1")
        case .refused(let error): notes.append("time in the kernel is left out: \(error)")
        case nil: break
        }
        if let asked = options.ringByteCount, statistics.ringByteCount < asked {
            notes.append(
                "the kernel allows rings of \(statistics.ringByteCount >> 10) KB; allow more with:"
                    + " sudo sysctl kernel.perf_event_mlock_kb=\((asked >> 10) + 4)")
        }
        if statistics.unfollowedProcesses > 0 {
            notes.append(
                "\(statistics.unfollowedProcesses) processes were not sampled because 65536 others were at that time")
        }
        if processor.processes.unreadableCount > 0 {
            notes.append(
                "\(processor.processes.unreadableCount) processes ended, or were closed to us, before their memory map"
                    + " could be read")
        }
        return notes
    }

    private static func cpuNanoseconds(_ result: CommandResult) -> UInt64 {
        result.userNanoseconds + result.systemNanoseconds
    }

    /// The part of the targets' CPU time that is not sampled.
    private var exclusion: (kernel: Bool, user: Bool) {
        let clock = events.first { $0.unit == .nanoseconds } ?? plan.cpuEvent.map { events[$0] }
        return (
            options.userOnly || clock?.excludeKernel == true || sampler.statistics.kernelExcluded != nil,
            options.kernelOnly || clock?.excludeUser == true
        )
    }

    /// The kernel's account of just what the clock sampled, or the cycles. Of a command, what wait4(2) says of it and the
    /// children it waited for, and so nothing if these are not sampled; else what /proc said until the end, if the targets
    /// lived that long.
    private var kernelCPUNanoseconds: UInt64? {
        if let commandResult {
            guard options.includesChildren else { return nil }
            switch exclusion {
            case (false, false): return Self.cpuNanoseconds(commandResult)
            case (true, false): return commandResult.userNanoseconds
            case (false, true): return commandResult.systemNanoseconds
            case (true, true): return nil
            }
        }
        guard let accounting, accounting.isComplete, exclusion == (false, false) else { return nil }
        return accounting.totalNanoseconds
    }

    /// What the targets have used at least, sampled or not.
    private var usedNanoseconds: UInt64? {
        commandResult.map(Self.cpuNanoseconds) ?? accounting?.totalNanoseconds
    }

    private func emptyReason(_ account: QualityAccount) -> String {
        if account.lostCount > 0 { return "all \(account.lostCount) were lost; make the rings larger with --ring-size" }
        guard let event = events.first, event.unit == .nanoseconds else {
            return "the event did not occur in the target"
        }
        guard let usedNanoseconds else { return "the target did not run" }
        let milliseconds = usedNanoseconds / 1_000_000
        if milliseconds >= 20, exclusion != (false, false) {
            return "all of the \(milliseconds) ms of CPU that the target used were"
                + (exclusion.user ? " in user space" : " in the kernel") + ", which is left out"
        }
        var hertz: UInt64 = 0
        if case .frequency(let asked) = event.rate { hertz = UInt64(clamping: asked) }
        if milliseconds.multipliedReportingOverflow(by: hertz).partialValue >= 20_000 {
            // begin_new_exec() in fs/exec.c calls perf_event_exit_task() then.
            let isTakenOff = account.attachment == .perTask && geteuid() != 0
            return "the \(milliseconds) ms of CPU that the target used were in processes or threads that ended before"
                + " their first sample was due; sample more often with -F max"
                + (isTakenOff ? "; or in a set-user-ID program, which only root can sample" : "")
        }
        return "the target was idle: it used \(milliseconds) ms of CPU in \(elapsedNanoseconds / 1_000_000) ms"
            + (milliseconds > 0 && hertz < 999 ? "; sample more often with -F 999" : "")
    }
}

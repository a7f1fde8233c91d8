import CPerfEvent
import Glibc
import Primitives

/// Opens the events of a configuration; used once, inside `Sampler.init`.
struct SamplerOpener: ~Copyable {
    /// Why an attempt has to begin anew with other settings.
    private enum Retry: Error {
        case smallerRings(SystemError)
        case failed(SamplerError)
    }

    private enum OpenResult {
        case opened
        case taskGone
        case cpuOffline
    }

    let configuration: SamplerConfiguration
    private(set) var statistics: SamplerStatistics
    private(set) var identifiers = IdentifierTable()
    private(set) var openedThreads = Set<Int32>()
    private(set) var lateThreads = Set<Int32>()
    private(set) var processes: [ProcessID] = []
    private(set) var features = KernelFeatures()
    /// The targets, if the events are CPU-wide.
    private var selection: TargetSelection?
    private var excludeKernel = false
    private var frequencyLimit: Int
    private let cpus: [Int32]
    private var ringByteCount = 0
    /// How many descriptors the threads found so far take.
    private var neededFiles = 0

    init(_ configuration: SamplerConfiguration) throws(SamplerError) {
        guard !configuration.events.isEmpty else { throw .unsupported("no event to sample") }
        guard configuration.stackByteCount <= 65_528 else {
            throw .unsupported("a sample copies at most 65528 bytes of stack")
        }
        self.configuration = configuration
        statistics = SamplerStatistics(events: configuration.events.map { _ in EventStatistics() })
        frequencyLimit = SamplingEvent.maximumFrequency()
        cpus = CPUList.online()
        if configuration.userCallChain {
            features.deferredCallChain = EventProbe.open(EventProbe.simplest, extra: .deferCallChain) == 0
        }
    }

    /// Whether events follow tasks (and end with them) instead of CPUs.
    var isPerTask: Bool {
        switch configuration.target {
        case .processes, .threads, .command: selection == nil
        case .system, .cgroup: false
        }
    }

    var isCommand: Bool {
        if case .command = configuration.target { return true }
        return false
    }

    /// The processes whose samples count where the kernel can only inherit everything.
    var keptProcesses: Set<Int32>? {
        guard isPerTask, !features.inheritThread else { return nil }
        switch configuration.target {
        case .processes(let processes, includeChildren: false): return Set(processes.map(\.value))
        case .command(let process, includeChildren: false): return [process.value]
        default: return nil
        }
    }

    /// Opens everything, by the attachment that is wished or best.
    mutating func open() throws(SamplerError) -> PerfHandles {
        let isWished = configuration.attachment == .filteredCPUs
        if isWished || configuration.attachment == .automatic && configuration.suitsFilteredCPUs(cpuCount: cpus.count) {
            do {
                selection = try makeSelection()
                if selection != nil { return try openWithFittingRings() }
            } catch {
                // Whatever the reason, an event for each task may still be allowed.
                if isWished { throw error }
                selection = nil
                reset()
            }
        }
        return try openWithFittingRings()
    }

    /// Gives the selection away, to whom reads the rings.
    mutating func takeSelection() -> TargetSelection? {
        selection.take()
    }

    /// The filter for the target; nil where there is none to be had.
    private func makeSelection() throws(SamplerError) -> TargetSelection? {
        let rule: FollowedTasks.Rule
        switch configuration.target {
        case .processes(_, let includeChildren), .command(_, let includeChildren):
            rule = includeChildren ? .processTrees : .processes
        case .threads: rule = .threads
        case .system, .cgroup: return nil
        }
        guard SamplerConfiguration.isInFirstPidNamespace else {
            throw .unsupported("CPUs can be filtered by process in the first pid namespace only")
        }
        do { return try TargetSelection(rule, cpu: cpus[0]) } catch { throw .system(error) }
    }

    private mutating func reset() {
        identifiers = IdentifierTable()
        openedThreads = []
        lateThreads = []
    }

    /// Opens everything, with smaller rings if the kernel refuses the computed size.
    private mutating func openWithFittingRings() throws(SamplerError) -> PerfHandles {
        let plan = RingPlan(
            configuration: configuration, frequencyLimit: frequencyLimit, cpuCount: cpus.count,
            lockedLimit: RingPlan.lockedLimit(cpuCount: cpus.count),
            pageByteCount: max(4096, sysconf(Int32(_SC_PAGESIZE))))
        ringByteCount = plan.preferred
        while true {
            do throws(Retry) {
                let handles = try attempt()
                statistics.ringByteCount = ringByteCount
                statistics.ringCount = unsafe handles.rings.count
                statistics.hasBuildIDs = features.buildID
                statistics.hasDeferredCallChains = features.deferredCallChain
                switch configuration.target {
                case .processes, .threads, .command: statistics.attachment = isPerTask ? .perTask : .filteredCPUs
                case .system, .cgroup: break
                }
                for event in configuration.events {
                    if case .frequency(let wanted) = event.rate, wanted > frequencyLimit {
                        statistics.clampedFrequency = frequencyLimit
                    }
                }
                return handles
            } catch {
                guard case .smallerRings(let error) = error else {
                    guard case .failed(let error) = error else { continue }
                    throw error
                }
                guard ringByteCount / 2 >= plan.smallest else {
                    guard error.code == EPERM || error.code == ENOMEM else { throw .system(error) }
                    throw .lockedMemory(
                        neededKilobytesPerCPU: plan.smallest >> 10 + 4,
                        limitKilobytesPerCPU: (RingPlan.lockedLimit(cpuCount: cpus.count) ?? 0) >> 10)
                }
                ringByteCount /= 2
                reset()
            }
        }
    }

    private mutating func attempt() throws(Retry) -> PerfHandles {
        var handles = PerfHandles()
        if selection != nil {
            try openCPUs(task: -1, flags: 0, into: &handles)
            for entry in handles.entries where cperf_enable(entry.descriptor) != 0 {
                throw .failed(.system(.last("PERF_EVENT_IOC_ENABLE")))
            }
            // From here on no fork is missed, so that the targets can be looked for.
            do throws(SamplerError) {
                if let admitted = try selection?.admit(configuration.target) {
                    processes = admitted.processes
                    openedThreads = admitted.threads
                }
            } catch {
                throw .failed(error)
            }
            return handles
        }
        switch configuration.target {
        case .processes(let roots, let includeChildren):
            try openProcesses(roots, includeChildren: includeChildren, into: &handles)
        case .threads(let threads):
            for thread in threads {
                guard try openTask(thread.value, into: &handles) else { throw .failed(.noSuchThread(thread)) }
                openedThreads.insert(thread.value)
            }
            processes = Set(threads.compactMap { PerfCapabilities.threadGroup(of: $0.value) }).sorted()
                .map { ProcessID($0) }
        case .command(let process, _):
            guard try openTask(process.value, into: &handles) else { throw .failed(.targetExited) }
            openedThreads.insert(process.value)
            processes = [process]
        case .system:
            try openCPUs(task: -1, flags: 0, into: &handles)
        case .cgroup(let path):
            let folder: FileDescriptor
            do { folder = try Cgroup.open(path) } catch { throw .failed(error) }
            try openCPUs(task: folder.raw, flags: 1 << 2, into: &handles)  // PERF_FLAG_PID_CGROUP
        }
        guard !handles.entries.isEmpty else { throw .failed(.targetExited) }
        return handles
    }

    /// Opens the threads of `roots` until a look at /proc finds none that is not open yet.
    private mutating func openProcesses(
        _ roots: [ProcessID], includeChildren: Bool, into handles: inout PerfHandles
    ) throws(Retry) {
        for root in roots where kill(root.value, 0) != 0 && errno == ESRCH { throw .failed(.noSuchProcess(root)) }
        // A process that makes threads faster than we open them is followed by inheritance anyway.
        for round in 0..<32 {
            processes = includeChildren ? ProcessTree.withDescendants(roots) : roots
            var found: [Int32] = []
            for process in processes {
                for thread in ProcessTree.threads(of: process) where !openedThreads.contains(thread.value) {
                    found.append(thread.value)
                }
            }
            if found.isEmpty { break }
            // Reserve enough descriptors at once, the error would otherwise come half-way.
            neededFiles = handles.entries.count + found.count * cpus.count * configuration.events.count + 64
            if neededFiles > FileLimit.current { FileLimit.raise(to: neededFiles) }
            for thread in found {
                openedThreads.insert(thread)
                // Those of the first round existed before any event did, and so inherited none.
                if round > 0 { lateThreads.insert(thread) }
                if try !openTask(thread, into: &handles) { lateThreads.remove(thread) }
            }
        }
    }

    /// Opens all events on all CPUs for one thread; false if it is gone.
    private mutating func openTask(_ task: Int32, into handles: inout PerfHandles) throws(Retry) -> Bool {
        for cpu in cpus {
            for event in configuration.events.indices {
                if try openOne(event: event, task: task, cpu: cpu, flags: 0, into: &handles) == .taskGone {
                    return false
                }
            }
        }
        return true
    }

    private mutating func openCPUs(task: Int32, flags: UInt, into handles: inout PerfHandles) throws(Retry) {
        for cpu in cpus {
            for event in configuration.events.indices {
                _ = try openOne(event: event, task: task, cpu: cpu, flags: flags, into: &handles)
            }
        }
        if handles.entries.isEmpty { throw .failed(.unsupported("no CPU is online")) }
    }

    private mutating func openOne(
        event: Int, task: Int32, cpu: Int32, flags: UInt, into handles: inout PerfHandles
    ) throws(Retry) -> OpenResult {
        while true {
            var attributes = configuration.attributes(
                event: event, features: features, excludeKernel: excludeKernel, frequencyLimit: frequencyLimit,
                watermark: ringByteCount / 4, isFiltered: selection != nil)
            let descriptor = unsafe cperf_open(&attributes, task, cpu, flags)
            if descriptor >= 0 {
                do throws(SystemError) {
                    try selection?.attach(to: descriptor)
                } catch {
                    close(descriptor)
                    throw .failed(.system(error))
                }
                do {
                    try handles.add(
                        descriptor: descriptor, eventIndex: event, cpu: cpu, ringByteCount: ringByteCount)
                } catch {
                    throw .smallerRings(error)
                }
                if let entry = handles.entries.last {
                    identifiers.insert(
                        .init(
                            identifier: entry.identifier, eventIndex: Int32(event), thread: isPerTask ? task : -1))
                }
                return .opened
            }
            let code = errno
            if code == ESRCH { return .taskGone }
            if code == ENODEV, !(cpus.first == cpu && handles.entries.isEmpty) { return .cpuOffline }
            do {
                try adapt(to: code, event: event, task: task, handles: handles)
            } catch {
                throw .failed(error)
            }
        }
    }

    /// Changes the settings so that another try may work; throws if there is nothing left to change.
    private mutating func adapt(
        to code: Int32, event: Int, task: Int32, handles: borrowing PerfHandles
    ) throws(SamplerError) {
        let failure = SystemError(code: code, operation: "perf_event_open for \(configuration.events[event].name)")
        switch code {
        case EMFILE, ENFILE:
            let needed = max(neededFiles, handles.entries.count + cpus.count * configuration.events.count + 64)
            guard FileLimit.raise(to: needed) else { throw .tooManyFiles(needed: needed, limit: FileLimit.current) }
        case EACCES, EPERM, ENOSYS:
            let wantsKernel = !configuration.excludeKernel && !configuration.events[event].excludeKernel
            let wantsUser = !configuration.excludeUser && !configuration.events[event].excludeUser
            // Without the kernel one user's processes are allowed up to level 2, all processes never above 0.
            if wantsKernel, !excludeKernel, isPerTask, code != ENOSYS, wantsUser {
                excludeKernel = true
                let level = PerfCapabilities.integer("/proc/sys/kernel/perf_event_paranoid") ?? 2
                statistics.kernelExcluded = level > 1 ? .paranoid(level: level) : .refused(failure)
                return
            }
            throw .permission(
                .diagnose(
                    code: code, event: configuration.events[event], wantsUser: wantsUser,
                    target: configuration.target, task: task))
        case EINVAL, E2BIG:
            // The kernel lowers the limit while it runs if sampling takes it too long.
            let limit = SamplingEvent.maximumFrequency()
            if limit < frequencyLimit {
                frequencyLimit = limit
            } else if !features.giveUpOne() {
                throw .eventUnavailable(name: configuration.events[event].name, failure)
            }
        case EBADF:
            // The folder is no cgroup of a hierarchy with the perf_event controller.
            if case .cgroup(let path) = configuration.target { throw .cgroup(path: path, failure) }
            throw .system(failure)
        case ENOENT, EOPNOTSUPP, ENODEV, ENXIO:
            throw .eventUnavailable(name: configuration.events[event].name, failure)
        default:
            throw .system(failure)
        }
    }
}

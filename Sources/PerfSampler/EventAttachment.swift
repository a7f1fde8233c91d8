import Glibc
import Primitives

/// How events reach the processes, threads or command that they are to sample.
public enum EventAttachment: String, Sendable, Hashable, CaseIterable {
    /// Whichever costs the target less and is allowed: `filteredCPUs` where it is possible and cheap, else `perTask`.
    case automatic
    /// An event for each thread and CPU, inherited by what the threads start. Any user may do this with his own
    /// processes; each context switch of a target takes 2.5–3.8 µs longer.
    case perTask
    /// An event for each CPU whose samples the kernel drops unless they are the targets' (`TaskFilter`). Costs a context
    /// switch nothing, opens at once however many threads there are, and samples short threads fairly. Needs CAP_BPF and
    /// CAP_PERFMON or root, and the first pid namespace.
    case filteredCPUs
}

extension SamplerConfiguration {
    /// What the timers of all CPUs may interrupt in sum, a second: each interrupt falls on whoever runs there, target or not.
    /// At 1–2 µs each that is 2–4 % of one CPU; 99 Hz reach it with 202 CPUs, 4 999 Hz with 4.
    static let largestInterruptRate = 20_000

    /// Whether samples by CPU stand for the targets as samples by task do, at a price that the other programs of this
    /// machine need not mind.
    ///
    /// A clock or a cycle counter proceeds whatever runs, so that samples are due to every program alike. Of page faults or
    /// instructions, a program is due as many as it causes, which only its own counter tells exactly.
    func suitsFilteredCPUs(cpuCount: Int) -> Bool {
        switch target {
        case .system, .cgroup: return false
        case .processes, .threads, .command: break
        }
        var rate = 0
        for event in events {
            guard event.isSteady else { return false }
            switch event.rate {
            case .frequency(let hertz): rate += hertz
            case .period(let period):
                // A counter's rate is that of a CPU with 4 GHz.
                rate += Int(clamping: (event.unit == .nanoseconds ? 1_000_000_000 : 4_000_000_000) / max(1, period))
            }
        }
        return rate.multipliedReportingOverflow(by: cpuCount).partialValue <= Self.largestInterruptRate
            && rate <= Self.largestInterruptRate
    }

    /// Whether we see the numbers of processes that the kernel's filter sees: those of the first pid namespace, whose inode
    /// is PROC_PID_INIT_INO (include/linux/proc_ns.h).
    static var isInFirstPidNamespace: Bool {
        var status = stat()
        return unsafe stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == 0xefff_fffc
    }
}

extension SamplingEvent {
    /// Whether the event is a measure of time: the CPU's clock or its cycles.
    fileprivate var isSteady: Bool {
        configuration == 0 && (type == PerfType.software || type == PerfType.hardware)
    }
}

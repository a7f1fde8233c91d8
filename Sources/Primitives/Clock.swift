internal import Glibc

/// The clocks of the system (clock_gettime(2)).
public enum Clock {
    /// Nanoseconds since an arbitrary moment; the clock that the kernel's records are stamped with.
    public static var monotonicNanoseconds: UInt64 { now(CLOCK_MONOTONIC) ?? 0 }

    /// Nanoseconds since 1970 UTC.
    public static var wallNanoseconds: UInt64 { now(CLOCK_REALTIME) ?? 0 }

    /// The CPU time that sprof itself has used.
    public static var ownCPUNanoseconds: UInt64 { now(CLOCK_PROCESS_CPUTIME_ID) ?? 0 }

    /// The CPU time that `process` has used (clock_getcpuclockid(3)); nil if it is gone.
    public static func cpuNanoseconds(of process: ProcessID) -> UInt64? {
        var clock = clockid_t()
        guard unsafe clock_getcpuclockid(process.value, &clock) == 0 else { return nil }
        return now(clock)
    }

    /// Nil for a clock that does not exist.
    private static func now(_ clock: clockid_t) -> UInt64? {
        var time = timespec()
        guard unsafe clock_gettime(clock, &time) == 0 else { return nil }
        return UInt64(max(0, time.tv_sec)) &* 1_000_000_000 &+ UInt64(max(0, time.tv_nsec))
    }
}

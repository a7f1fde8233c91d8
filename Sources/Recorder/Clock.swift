internal import Glibc

/// The clocks of the system (clock_gettime(2)).
enum Clock {
    /// Nanoseconds since an arbitrary moment; the clock that the kernel's records are stamped with.
    static var monotonicNanoseconds: UInt64 { now(CLOCK_MONOTONIC) }

    /// Nanoseconds since 1970 UTC.
    static var wallNanoseconds: UInt64 { now(CLOCK_REALTIME) }

    /// The CPU time that sprof itself has used.
    static var ownCPUNanoseconds: UInt64 { now(CLOCK_PROCESS_CPUTIME_ID) }

    private static func now(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        // Fails only for a clock that does not exist.
        guard unsafe clock_gettime(clock, &time) == 0 else { return 0 }
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

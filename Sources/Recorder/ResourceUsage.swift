internal import Glibc

/// What a process used (getrusage(2)).
struct ResourceUsage {
    /// User and system time.
    var cpuNanoseconds: UInt64
    var peakMemoryBytes: UInt64

    init(_ usage: rusage) {
        func nanoseconds(_ time: timeval) -> UInt64 {
            UInt64(clamping: time.tv_sec) * 1_000_000_000 + UInt64(clamping: time.tv_usec) * 1000
        }
        cpuNanoseconds = nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime)
        peakMemoryBytes = UInt64(clamping: usage.ru_maxrss) * 1024
    }

    /// sprof itself.
    static var ofSelf: ResourceUsage { measure(RUSAGE_SELF) }

    /// All children that have ended and were waited for: the command and the symbolizing workers.
    static var ofChildren: ResourceUsage { measure(RUSAGE_CHILDREN) }

    private static func measure(_ who: __rusage_who) -> ResourceUsage {
        var usage = rusage()
        // Fails only for a wrong `who`.
        _ = unsafe getrusage(__rusage_who_t(who.rawValue), &usage)
        return ResourceUsage(usage)
    }
}

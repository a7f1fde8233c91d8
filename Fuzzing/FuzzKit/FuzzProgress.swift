import Glibc

/// How far a target's process is and what it cost, in a file that outlives the process.
struct FuzzProgress {
    /// The input that is tried.
    var number: UInt64 = 0
    private var worstNanoseconds: UInt64 = 0
    private var worstNumber: UInt64 = 0
    private var totalNanoseconds: UInt64 = 0
    private var peakKilobytes: UInt64 = 0

    /// At the start.
    init() {}

    /// As it was saved last in the file behind `descriptor`.
    init(_ descriptor: Int32) {
        pread(descriptor, &self, MemoryLayout<Self>.size, 0)
    }

    func save(_ descriptor: Int32) {
        withUnsafeBytes(of: self) { _ = pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    /// Takes note of what the current input took.
    mutating func note(nanoseconds: UInt64) {
        totalNanoseconds += nanoseconds
        if nanoseconds > worstNanoseconds { (worstNanoseconds, worstNumber) = (nanoseconds, number) }
    }

    mutating func noteMemory() {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        peakKilobytes = UInt64(max(0, usage.ru_maxrss))
    }

    /// For the line of results.
    var cost: String {
        guard number > 0 else { return "" }
        return "; \(totalNanoseconds / number / 100 * 100) ns each, at most \(worstNanoseconds / 1000) us"
            + " (input \(worstNumber)), \(peakKilobytes >> 10) MB"
    }

    /// CPU time of this thread.
    static var cpuNanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// Turns the hardware's count of cycles into CPU time, so that `-e cpu` gives `cpu/nanoseconds` on every machine.
///
/// Samples of a counter weigh the cycles since the sample before. Their sum stands for the CPU time that the kernel
/// accounts to the targets, so one cycle is that time divided by all cycles: the mean over the recording, whatever the
/// clock frequency was at each moment.
enum CycleTime {
    /// The mean length of a cycle; nil when neither the kernel's account nor the rate tells.
    ///
    /// - Parameters:
    ///   - cycles: The sum of the samples' weights.
    ///   - samples: Their number.
    ///   - cpuNanoseconds: The kernel's account of the same time; nil if unknown.
    ///   - hertz: The sampling rate that the kernel kept to, for want of the account; nil with a fixed period.
    static func nanosecondsPerCycle(cycles: UInt64, samples: UInt64, cpuNanoseconds: UInt64?, hertz: Int?) -> Double? {
        guard cycles > 0 else { return nil }
        if let cpuNanoseconds, cpuNanoseconds > 0 { return Double(cpuNanoseconds) / Double(cycles) }
        guard let hertz, hertz > 0 else { return nil }
        return Double(samples) * 1e9 / Double(hertz) / Double(cycles)
    }

    /// The time of `cycles`, each of the given length; what does not fit is clamped.
    static func nanoseconds(_ cycles: Int64, at length: Double) -> Int64 {
        Int64(exactly: (Double(cycles) * length).rounded()) ?? .max
    }
}

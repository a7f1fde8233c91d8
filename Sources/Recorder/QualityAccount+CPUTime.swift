import PerfSampler

extension QualityAccount {
    /// Why samples may stand for another CPU time than the kernel accounts, if they do by more than chance; nil otherwise.
    ///
    /// Chance is taken as five standard errors of as many independent samples as were due, and a tenth is always allowed.
    var cpuTimeNote: String? {
        guard let clock = events.first(where: { $0.unit == "nanoseconds" }), clock.sampleCount > 0,
            let accounted = kernelCPUNanoseconds, accounted > 100_000_000, lostCount == 0, throttleCount == 0
        else { return nil }
        let share = Double(clock.weight) / Double(accounted)
        let period = Double(clock.weight) / Double(clock.sampleCount)
        let standardError = (period / Double(accounted)).squareRoot()
        switch attachment {
        case .perTask? where share < 0.85:
            return "threads that run for less than one sampling interval are missed: sample more often (-F), or as root"
        case .filteredCPUs? where abs(share - 1) > max(0.1, 5 * standardError):
            // One known reason: perf_swevent_hrtimer() of Linux runs from the interrupt that also wakes sleepers whose time
            // has nearly come (timer slack, prctl(2)), so that they start in step with the samples.
            return
                "a timer hits programs that run for microseconds at a time too \(share < 1 ? "seldom" : "often") on a"
                + " busy machine: compare -F 99"
        default: return nil
        }
    }
}

import Testing

@testable import Recorder

@Suite struct CycleTimeTests {
    @Test("The kernel's account of CPU time decides what a cycle is")
    func account() {
        let length = CycleTime.nanosecondsPerCycle(
            cycles: 9_000_000_000, samples: 297, cpuNanoseconds: 3_000_000_000, hertz: 99)
        #expect(length == 1.0 / 3)
    }

    @Test("Without the account the rate does, and without both nothing")
    func rate() {
        let length = CycleTime.nanosecondsPerCycle(cycles: 3_000_000_000, samples: 99, cpuNanoseconds: nil, hertz: 99)
        #expect(length == 1.0 / 3)
        #expect(CycleTime.nanosecondsPerCycle(cycles: 10, samples: 1, cpuNanoseconds: nil, hertz: nil) == nil)
        #expect(CycleTime.nanosecondsPerCycle(cycles: 0, samples: 0, cpuNanoseconds: 5, hertz: 99) == nil)
    }
}

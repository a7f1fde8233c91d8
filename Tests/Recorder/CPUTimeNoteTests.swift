import PerfSampler
import Testing

@testable import Recorder

@Suite struct CPUTimeNoteTests {
    /// An account of `samples` at 1 000 Hz, where the kernel accounts `milliseconds`.
    private func account(samples: UInt64, milliseconds: UInt64) -> QualityAccount {
        var account = QualityAccount()
        account.attachment = .filteredCPUs
        account.events = [
            QualityAccount.Event(
                name: "cpu-clock", sampleCount: samples, weight: samples * 1_000_000, unit: "nanoseconds")
        ]
        account.kernelCPUNanoseconds = milliseconds * 1_000_000
        return account
    }

    @Test func `What chance explains has no note`() {
        #expect(account(samples: 1000, milliseconds: 1000).cpuTimeNote == nil)
        // Five standard errors of 400 samples are 100.
        #expect(account(samples: 301, milliseconds: 400).cpuTimeNote == nil)
        // A tenth of many samples.
        #expect(account(samples: 91_000, milliseconds: 100_000).cpuTimeNote == nil)
    }

    @Test func `More than chance is explained, in its direction`() throws {
        #expect(try #require(account(samples: 299, milliseconds: 400).cpuTimeNote).contains("too seldom"))
        #expect(try #require(account(samples: 501, milliseconds: 400).cpuTimeNote).contains("too often"))
        #expect(try #require(account(samples: 89_000, milliseconds: 100_000).cpuTimeNote).contains("-F 99"))
    }

    @Test func `Lost samples are an explanation of their own`() {
        var account = account(samples: 500, milliseconds: 1000)
        account.lostCount = 1
        #expect(account.cpuTimeNote == nil)
    }

    @Test func `Threads that were missed are named where events are bound to threads`() throws {
        var account = account(samples: 840, milliseconds: 1000)
        account.attachment = .perTask
        #expect(try #require(account.cpuTimeNote).contains("less than one sampling interval"))
    }
}

import Glibc
import PerfSampler
import Primitives
import Testing

/// Whether this machine lets us open perf events on our own children.
let canSample = PerfCapabilities.probe().canSampleSelf
let canSampleSystem = PerfCapabilities.probe().canSampleSystem

/// A command line that runs `script` by the shell.
func shell(_ script: String) -> [String] { ["/bin/sh", "-c", script] }

/// A shell loop that is busy until it has counted to `count`; about 400 ns a step.
func busyLoop(_ count: Int) -> String { "i=0; while [ $i -lt \(count) ]; do i=$((i+1)); done" }

@Suite(.serialized, .enabled(if: canSample, "perf_event_open is not allowed here"))
struct SamplerTests {
    let event: SamplingEvent

    init() throws {
        event = try SamplingEvent.resolve("cpu-clock", rate: .frequency(999))
    }

    /// Polls and drains until the targets have ended, at most 20 s.
    func run(_ sampler: inout Sampler, into sink: inout CollectingSink, limitNanoseconds: UInt64 = 20_000_000_000) {
        let end = Sampler.now() + limitNanoseconds
        while Sampler.now() < end {
            let outcome = sampler.poll(timeoutMilliseconds: 40)
            sampler.drain(into: &sink)
            if outcome == .ended { break }
        }
        sampler.stop()
        sampler.drain(into: &sink, final: true)
    }

    @Test("A busy command sampled at 999 Hz with 64 KB of stack loses nothing and ends by itself")
    func busyCommand() throws {
        var child = try CommandLauncher.launch(shell(busyLoop(1_500_000)))
        var sampler = try Sampler(SamplerConfiguration(target: .command(child.processID), events: [event]))
        sampler.start()
        try child.go()
        var sink = CollectingSink()
        run(&sampler, into: &sink)
        let ended = child.wait()
        let result = try #require(ended)
        #expect(result.exitStatus == 0)
        #expect(sampler.statistics.lost == 0)
        #expect(sampler.statistics.corrupt == 0)
        #expect(sampler.statistics.samples == UInt64(sink.samples.count))
        // The samples' weight is the CPU time that the kernel accounts.
        let used = Double(result.userNanoseconds + result.systemNanoseconds)
        let sampled = Double(sink.samples.reduce(0) { $0 + $1.period })
        #expect(abs(sampled / used - 1) < 0.1, "sampled \(sampled) of \(used)")
        #expect(sink.times == sink.times.sorted())
        #expect(sink.commands.contains { $0.isExec && $0.name == "sh" })
        #expect(sink.mappings.contains { $0.path.contains("libc") })
        let user = sink.samples.filter { $0.registerCount > 0 }
        #expect(user.allSatisfy { $0.registerCount == RegisterLayout.count && $0.stackPointer != 0 })
        #expect(user.contains { $0.stackByteCount > 500 })
        print("rings", sampler.statistics.ringByteCount, sampler.statistics.ringCount, "samples", sink.samples.count)
    }
}

import Glibc
import PerfSampler
import Primitives
import Testing

/// Whether this machine lets us open perf events on our own children.
let canSample = PerfCapabilities.probe().canSampleSelf
let canSampleSystem = PerfCapabilities.probe().canSampleSystem
/// The ways of attaching to a target that this machine allows.
let attachments: [EventAttachment] = [.perTask] + (PerfCapabilities.probe().canFilterCPUs ? [.filteredCPUs] : [])

/// A command line that runs `script` by the shell.
func shellArguments(_ script: String) -> [String] { ["/bin/sh", "-c", script] }

/// A shell loop that is busy until it has counted to `count`; about 400 ns a step.
func busyLoop(_ count: Int) -> String { "i=0; while [ $i -lt \(count) ]; do i=$((i+1)); done" }

/// What the samples may weigh against the CPU time that the kernel accounts. Every sample twice would be 2, one of two
/// CPUs 0.5. Not closer to 1, since a virtual CPU that its host takes away is accounted as used and misses ticks
/// (0.81 was seen while 8 processes shared 2 virtual CPUs).
let plausibleShares = 0.6...1.15

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

    @Test(
        "A busy command sampled at 999 Hz with 64 KB of stack loses nothing and ends by itself", arguments: attachments)
    func busyCommand(attachment: EventAttachment) throws {
        var child = try CommandLauncher.launch(shellArguments(busyLoop(800_000)))
        var sampler = try Sampler(
            SamplerConfiguration(target: .command(child.processID), events: [event], attachment: attachment))
        sampler.start()
        try child.go()
        var sink = CollectingSink()
        run(&sampler, into: &sink)
        let ended = child.wait()
        let result = try #require(ended)
        #expect(result.exitStatus == 0)
        #expect(sampler.statistics.attachment == attachment)
        #expect(sampler.statistics.lost == 0)
        #expect(sampler.statistics.corrupt == 0)
        #expect(sampler.statistics.samples == UInt64(sink.samples.count))
        // The samples' weight is the CPU time that the kernel accounts.
        let used = Double(result.userNanoseconds + result.systemNanoseconds)
        let sampled = Double(sink.samples.reduce(0) { $0 + $1.period })
        #expect(plausibleShares.contains(sampled / used), "sampled \(sampled) of \(used)")
        #expect(sink.times == sink.times.sorted())
        #expect(sink.commands.first.map { $0.isExec && $0.name == "sh" } == true)
        #expect(Set(sink.mappings.map(\.processID)) == [child.processID])
        #expect(sink.mappings.contains { $0.path.contains("libc") })
        let user = sink.samples.filter { $0.registerCount > 0 }
        #expect(user.allSatisfy { $0.registerCount == RegisterLayout.count && $0.stackPointer != 0 })
        #expect(user.contains { $0.stackByteCount > 500 })
    }

    @Test(
        "Children that exist and children that come later are sampled, and their time adds up to the kernel's account",
        arguments: attachments)
    func children(attachment: EventAttachment) throws {
        let script =
            "(\(busyLoop(500_000))) & (\(busyLoop(300_000)); \(busyLoop(200_000))) & wait; (\(busyLoop(500_000)))"
        var child = try CommandLauncher.launch(shellArguments(script))
        try child.go()
        let configuration = SamplerConfiguration(
            target: .processes([child.processID], includeChildren: true), events: [event], stackByteCount: 16_384,
            attachment: attachment)
        var sampler = try Sampler(configuration)
        sampler.start()
        var accounting = ProcessAccounting([child.processID], includeChildren: true)
        var sink = CollectingSink()
        let end = Sampler.now() + 20_000_000_000
        while Sampler.now() < end {
            let outcome = sampler.poll(timeoutMilliseconds: 40)
            sampler.drain(into: &sink)
            accounting.refresh()
            if outcome == .ended { break }
        }
        sampler.stop()
        sampler.drain(into: &sink, final: true)
        _ = child.wait()
        let processes = Set(sink.samples.map(\.processID))
        #expect(processes.count >= 3)
        #expect(sampler.statistics.lost == 0)
        let sampled = Double(sink.samples.reduce(0) { $0 + $1.period })
        let used = Double(accounting.totalNanoseconds)
        #expect(plausibleShares.contains(sampled / used), "sampled \(sampled) of \(used)")
        #expect(sink.exits.contains { $0.processID == child.processID })
    }

    @Test("Without children only the process itself is sampled", arguments: attachments)
    func noChildren(attachment: EventAttachment) throws {
        var child = try CommandLauncher.launch(shellArguments("(\(busyLoop(400_000))) & \(busyLoop(400_000)); wait"))
        try child.go()
        var sampler = try Sampler(
            SamplerConfiguration(
                target: .processes([child.processID], includeChildren: false), events: [event],
                attachment: attachment))
        sampler.start()
        var sink = CollectingSink()
        run(&sampler, into: &sink)
        _ = child.wait()
        #expect(Set(sink.samples.map(\.processID)) == [child.processID])
        #expect(sampler.openedTargets == [child.processID])
    }

    @Test("A thread target gives samples of that thread only", arguments: attachments)
    func threads(attachment: EventAttachment) throws {
        var child = try CommandLauncher.launch(shellArguments("(\(busyLoop(300_000))) & \(busyLoop(300_000)); wait"))
        try child.go()
        var sampler = try Sampler(
            SamplerConfiguration(
                target: .threads([ThreadID(child.processID.value)]), events: [event], stackByteCount: 0,
                attachment: attachment))
        sampler.start()
        var sink = CollectingSink()
        run(&sampler, into: &sink)
        _ = child.wait()
        #expect(!sink.samples.isEmpty)
        #expect(Set(sink.samples.map(\.threadID)) == [ThreadID(child.processID.value)])
        #expect(sink.samples.allSatisfy { $0.registerCount == 0 && $0.stackByteCount == 0 })
    }

    @Test("Two events are told apart, each with its own period")
    func twoEvents() throws {
        var child = try CommandLauncher.launch(shellArguments(busyLoop(300_000)))
        let faults = try SamplingEvent.resolve("page-faults:u", rate: .period(1))
        var sampler = try Sampler(
            SamplerConfiguration(target: .command(child.processID), events: [event, faults], stackByteCount: 4096))
        sampler.start()
        try child.go()
        var sink = CollectingSink()
        run(&sampler, into: &sink)
        _ = child.wait()
        #expect(sampler.statistics.events[0].samples > 50)
        #expect(sampler.statistics.events[1].samples > 10)
        #expect(sink.samples.allSatisfy { $0.eventIndex == 0 || $0.period == 1 })
        // Mappings are reported once, not once per event.
        let libc = sink.mappings.filter { $0.path.contains("libc") && $0.fileOffset.value > 0 }
        #expect(Set(libc.map(\.start)).count == libc.count)
    }

    @Test("The whole system is sampled without a target", .enabled(if: canSampleSystem, "needs CAP_PERFMON"))
    func system() throws {
        var child = try CommandLauncher.launch(shellArguments(busyLoop(500_000)))
        var sampler = try Sampler(SamplerConfiguration(target: .system, events: [event], stackByteCount: 8192))
        sampler.start()
        try child.go()
        var sink = CollectingSink()
        while child.poll() == nil {
            let outcome = sampler.poll(timeoutMilliseconds: 40)
            #expect(outcome != .ended)
            sampler.drain(into: &sink)
        }
        sampler.stop()
        sampler.drain(into: &sink, final: true)
        #expect(sink.samples.contains { $0.processID == child.processID })
    }

    @Test("Samples count from start on, mappings before it as well", arguments: attachments)
    func beforeStart(attachment: EventAttachment) throws {
        var child = try CommandLauncher.launch(shellArguments(busyLoop(600_000)))
        try child.go()
        var sampler = try Sampler(
            SamplerConfiguration(
                target: .processes([child.processID], includeChildren: true), events: [event], attachment: attachment))
        usleep(50_000)
        var sink = CollectingSink()
        sampler.drain(into: &sink)
        #expect(sink.samples.isEmpty)
        #expect(sampler.statistics.ignored > 0)
        sampler.start()
        run(&sampler, into: &sink)
        _ = child.wait()
        #expect(!sink.samples.isEmpty)
    }

    @Test("What does not fit into a ring that nobody drains is counted as lost")
    func lost() throws {
        var child = try CommandLauncher.launch(shellArguments(busyLoop(600_000)))
        var sampler = try Sampler(
            SamplerConfiguration(
                target: .command(child.processID), events: [event], stackByteCount: 16_384, ringByteCount: 131_072,
                attachment: .perTask))
        sampler.start()
        try child.go()
        let result = child.wait()
        sampler.stop()
        var sink = CollectingSink()
        sampler.drain(into: &sink, final: true)
        #expect(sampler.statistics.lost > 0)
        // Side-band records are lost as well, so that the sum is not exact.
        let used = Double((result?.userNanoseconds ?? 0) + (result?.systemNanoseconds ?? 0)) / 1e9 * 999
        let counted = Double(sampler.statistics.lost) + Double(sampler.statistics.samples)
        #expect(plausibleShares.contains(counted / used), "\(counted) of \(used)")
        #expect(sampler.statistics.ringByteCount == 131_072)
    }

    @Test("A target that does not exist is named")
    func missingTargets() {
        let missing = ProcessID(4_194_303)
        for attachment in attachments {
            #expect(throws: SamplerError.noSuchProcess(missing)) {
                _ = try Sampler(
                    SamplerConfiguration(
                        target: .processes([missing], includeChildren: false), events: [event],
                        attachment: attachment))
            }
            #expect(throws: SamplerError.noSuchThread(ThreadID(missing.value))) {
                _ = try Sampler(
                    SamplerConfiguration(
                        target: .threads([ThreadID(missing.value)]), events: [event], attachment: attachment))
            }
        }
    }
}

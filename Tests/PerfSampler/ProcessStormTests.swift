import Glibc
import PerfSampler
import Primitives
import Testing

/// How many descriptors this process has open.
private func openDescriptorCount() -> Int {
    guard let folder = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    return count
}

@Suite(.serialized, .enabled(if: canSample, "perf_event_open is not allowed here"))
struct ProcessStormTests {
    let event: SamplingEvent

    init() throws {
        event = try SamplingEvent.resolve("cpu-clock", rate: .frequency(999))
    }

    @Test(arguments: attachments)
    func `Of 500 short processes each is followed from fork to exit, with a bounded number of descriptors`(
        attachment: EventAttachment
    ) throws {
        // Only /bin/true, an external program, forks; "i" is counted by the shell itself.
        let script = "i=0; while [ $i -lt 500 ]; do /bin/true; i=$((i+1)); done"
        var child = try CommandLauncher.launch(shellArguments(script))
        var sampler = try Sampler(
            SamplerConfiguration(target: .command(child.processID), events: [event], attachment: attachment))
        let atFirst = openDescriptorCount()
        sampler.start()
        try child.go()
        var sink = CollectingSink()
        var mostDescriptors = 0
        while child.poll() == nil {
            _ = sampler.poll(timeoutMilliseconds: 40)
            sampler.drain(into: &sink)
            mostDescriptors = max(mostDescriptors, openDescriptorCount())
        }
        sampler.stop()
        sampler.drain(into: &sink, final: true)
        #expect(sampler.statistics.lost == 0)
        #expect(sampler.statistics.unfollowedProcesses == 0)
        // Other tests open files meanwhile; one for each process would be 500.
        #expect(mostDescriptors <= atFirst + 100)
        let forked = Set(sink.forks.map(\.processID)).subtracting([child.processID])
        #expect(forked.count >= 500)
        let named = Set(sink.commands.filter { $0.isExec && $0.name == "true" }.map(\.processID))
        #expect(named.count == 500)
        #expect(forked.isSuperset(of: named))
        #expect(Set(sink.exits.map(\.processID)).isSuperset(of: forked))
        // Nobody else's records or samples.
        let ours = forked.union([child.processID])
        #expect(ours.isSuperset(of: sink.samples.map(\.processID)))
        #expect(ours.isSuperset(of: sink.mappings.map(\.processID)))
    }

    @Test(arguments: attachments)
    func `A recording outlives its target as long as a grandchild runs on`(attachment: EventAttachment) throws {
        // The grandchild is busy for a while after the shell, its parent, has ended.
        let script = "((\(busyLoop(600_000))) & ); exit 0"
        var child = try CommandLauncher.launch(shellArguments("sleep 0.2; " + script))
        try child.go()
        var sampler = try Sampler(
            SamplerConfiguration(
                target: .processes([child.processID], includeChildren: true), events: [event], stackByteCount: 4096,
                attachment: attachment))
        sampler.start()
        var sink = CollectingSink()
        let end = Sampler.now() + 20_000_000_000
        var hasEnded = false
        while !hasEnded, Sampler.now() < end {
            hasEnded = sampler.poll(timeoutMilliseconds: 40) == .ended
            sampler.drain(into: &sink)
            _ = child.poll()
        }
        sampler.stop()
        sampler.drain(into: &sink, final: true)
        #expect(hasEnded)
        let rootExit = try #require(sink.exits.first { $0.processID == child.processID })
        #expect(sink.samples.contains { $0.time > rootExit.timeNanoseconds })
        // Every process that was forked has been seen to end.
        #expect(Set(sink.exits.map(\.processID)).isSuperset(of: sink.forks.map(\.processID)))
    }
}

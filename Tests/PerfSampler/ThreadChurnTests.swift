import Glibc
import PerfSampler
import Primitives
import Testing

/// Compiles `source` by the C compiler; nil if there is none.
private func compile(_ source: String, name: String) throws -> String? {
    let folder = "/tmp/sprof-test-\(getpid())-\(name)"
    mkdir(folder, 0o700)
    guard let file = try? FileDescriptor(opening: folder + "/a.c", O_WRONLY | O_CREAT, mode: 0o600) else { return nil }
    try file.write(Array(source.utf8).rawSpan)
    var compiler = try CommandLauncher.launch(["cc", "-O1", "-pthread", "-o", folder + "/a", folder + "/a.c"])
    do { try compiler.go() } catch { return nil }
    let result = compiler.wait()
    return result?.exitStatus == 0 ? folder + "/a" : nil
}

/// The CPU time that `process` has used.
private func cpuNanoseconds(_ process: ProcessID) -> Double {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(process.value, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

@Suite(.serialized, .enabled(if: canSample, "perf_event_open is not allowed here"))
struct ThreadChurnTests {
    static let source = """
        #include <pthread.h>
        #include <time.h>
        #include <stdint.h>
        static uint64_t now(void) { struct timespec t; clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }
        static void *work(void *arg) {
            uint64_t stop = now() + (uint64_t)(uintptr_t)arg * 1000000;
            while (now() < stop) {}
            return 0;
        }
        static void *spawn(void *arg) {
            for (int round = 0; round < 6; round++) {
                pthread_t thread[4];
                for (int i = 0; i < 4; i++) pthread_create(&thread[i], 0, work, (void *)20);
                for (int i = 0; i < 4; i++) pthread_join(thread[i], 0);
            }
            return 0;
        }
        int main(void) {
            pthread_t thread[4];
            for (int i = 0; i < 2; i++) pthread_create(&thread[i], 0, spawn, 0);
            for (int i = 2; i < 4; i++) pthread_create(&thread[i], 0, work, (void *)300);
            for (int i = 0; i < 4; i++) pthread_join(thread[i], 0);
        }
        """

    @Test("Attaching while threads come and go counts no thread's time twice and none too little")
    func churn() throws {
        guard let program = try compile(ThreadChurnTests.source, name: "churn") else {
            try Test.cancel("no C compiler")
        }
        defer {
            unlink(program)
            unlink(program + ".c")
            rmdir(String(program.dropLast(2)))
        }
        let event = try SamplingEvent.resolve("cpu-clock", rate: .frequency(999))
        for (includeChildren, attachment) in [true, false].flatMap({ rule in attachments.map { (rule, $0) } }) {
            var child = try CommandLauncher.launch([program])
            try child.go()
            usleep(20_000)
            var sampler = try Sampler(
                SamplerConfiguration(
                    target: .processes([child.processID], includeChildren: includeChildren), events: [event],
                    stackByteCount: 8192, attachment: attachment))
            sampler.start()
            let before = cpuNanoseconds(child.processID)
            var sink = CollectingSink()
            let end = Sampler.now() + 30_000_000_000
            while Sampler.now() < end {
                let outcome = sampler.poll(timeoutMilliseconds: 20)
                sampler.drain(into: &sink)
                if outcome == .ended { break }
            }
            let isLate = Sampler.now() >= end
            #expect(!isLate)
            sampler.stop()
            sampler.drain(into: &sink, final: true)
            let result = child.wait()
            let sampled = Double(sink.samples.reduce(0) { $0 + $1.period })
            let used = Double((result?.userNanoseconds ?? 0) + (result?.systemNanoseconds ?? 0)) - before
            // A new thread's first period begins with it, so that on average half a period of each is not seen.
            #expect(plausibleShares.contains(sampled / used), "sampled \(sampled) of \(used)")
            #expect(sampler.statistics.lost == 0)
            #expect(sampler.statistics.corrupt == 0)
            #expect(Set(sink.samples.map(\.threadID)).count > 30)
        }
    }
}

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

@Suite(.serialized, .enabled(if: canSample, "perf_event_open is not allowed here"))
struct ThreadChurnTests {
    static let source = """
        #include <pthread.h>
        #include <time.h>
        #include <stdint.h>
        static uint64_t now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }
        static uint64_t end;
        static void *work(void *arg) {
            uint64_t stop = now() + (uint64_t)(uintptr_t)arg * 1000000;
            while (now() < stop) {}
            return 0;
        }
        static void *spawn(void *arg) {
            while (now() < end) {
                pthread_t thread[4];
                for (int i = 0; i < 4; i++) pthread_create(&thread[i], 0, work, (void *)20);
                for (int i = 0; i < 4; i++) pthread_join(thread[i], 0);
            }
            return 0;
        }
        int main(void) {
            end = now() + 1500000000ull;
            pthread_t thread[4];
            for (int i = 0; i < 2; i++) pthread_create(&thread[i], 0, spawn, 0);
            for (int i = 2; i < 4; i++) pthread_create(&thread[i], 0, work, (void *)1500);
            for (int i = 0; i < 4; i++) pthread_join(thread[i], 0);
        }
        """

    @Test("Attaching while threads come and go counts no thread's time twice and none too little")
    func churn() throws {
        guard let program = try compile(ThreadChurnTests.source, name: "churn") else {
            try Test.cancel("no C compiler")
        }
        let event = try SamplingEvent.resolve("cpu-clock", rate: .frequency(999))
        for includeChildren in [true, false] {
            var child = try CommandLauncher.launch([program])
            try child.go()
            usleep(20_000)
            var sampler = try Sampler(
                SamplerConfiguration(
                    target: .processes([child.processID], includeChildren: includeChildren), events: [event],
                    stackByteCount: 8192))
            sampler.start()
            var accounting = ProcessAccounting([child.processID], includeChildren: false)
            var sink = CollectingSink()
            let end = Sampler.now() + 10_000_000_000
            while Sampler.now() < end {
                let outcome = sampler.poll(timeoutMilliseconds: 20)
                sampler.drain(into: &sink)
                accounting.refresh()
                if outcome == .ended { break }
            }
            let isLate = Sampler.now() >= end
            #expect(!isLate)
            sampler.stop()
            sampler.drain(into: &sink, final: true)
            _ = child.wait()
            let sampled = Double(sink.samples.reduce(0) { $0 + $1.period })
            let used = Double(accounting.totalNanoseconds)
            // A new thread's first period begins with it, so that on average half a period of each is not seen.
            #expect(abs(sampled / used - 1) < 0.1, "sampled \(sampled) of \(used)")
            #expect(sampler.statistics.lost == 0)
            #expect(sampler.statistics.corrupt == 0)
            #expect(Set(sink.samples.map(\.threadID)).count > 50)
        }
    }
}

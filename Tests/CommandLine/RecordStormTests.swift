import Glibc
import PerfSampler
import Primitives
import Testing

/// Targets whose threads and processes come and go quickly, attached to in every way that is allowed.
@Suite(.serialized, .enabled(if: SprofBinary.canRecord, "needs a built sprof, and perf_event_open"))
struct RecordStormTests {
    let workspace = SprofWorkspace()

    /// How sprof is started so that it attaches as `attachment` says: without CAP_BPF it cannot filter CPUs.
    static func prefix(_ attachment: EventAttachment) -> [String] {
        attachment == .perTask && SprofBinary.isRoot ? ["setpriv", "--bounding-set=-bpf,-sys_admin"] : []
    }

    /// Starts and ends 2 000 threads, four at a time, each of which computes for 0.3 ms.
    static let threads = """
        #include <pthread.h>
        #include <time.h>
        static long now(void) { struct timespec t; clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); return t.tv_sec * 1000000000L + t.tv_nsec; }
        static void *work(void *ignored) { long end = now() + 300000; while (now() < end) {} return ignored; }
        int main(void) {
            for (int round = 0; round < 500; round++) {
                pthread_t thread[4];
                for (int i = 0; i < 4; i++) pthread_create(&thread[i], 0, work, 0);
                for (int i = 0; i < 4; i++) pthread_join(thread[i], 0);
            }
        }
        """

    /// The number of descriptors that a process has open; 0 when it has ended.
    private func descriptorCount(of process: pid_t) -> Int {
        guard let folder = opendir("/proc/\(process)/fd") else { return 0 }
        defer { closedir(folder) }
        var count = -2
        while readdir(folder) != nil { count += 1 }
        return count
    }

    @Test(arguments: attachments)
    func `Of 500 short processes none is lost, and each sample bears the name and the number of its process`(
        attachment: EventAttachment
    ) throws {
        let script = "i=0; while [ $i -lt 500 ]; do /bin/true; i=$((i+1)); done"
        let recorded = try workspace.record(
            ["-F", "4999", "--"] + shellArguments(script), prefix: Self.prefix(attachment))
        #expect(recorded.account.text.contains("\"attachment\":\"\(attachment.rawValue)\""))
        #expect(recorded.account["lost"] == 0)
        #expect(recorded.account["malformed"] == 0)
        // A process has the shell's name until its exec.
        #expect(recorded.texts(of: "process") == ["sh", "true"])
        // Bound to threads, the clock of one that lives shorter than an interval does not get to its first sample.
        if attachment == .filteredCPUs {
            #expect(recorded.account.text.contains("\"notes\":[]"), "\(recorded.account.text)")
            #expect(recorded.numbers(of: "pid").count > 300)
        }
    }

    @Test(arguments: attachments)
    func `Of 2 000 threads that come and go none costs a lost record or a descriptor`(
        attachment: EventAttachment
    ) throws {
        let programs = try CompiledPrograms()
        let program = try programs.compile(Self.threads, "cc -O1 -pthread", name: "threads")
        let running = try workspace.start(
            ["record", "--json", "-F", "999", "-o", "cpu.pb.gz", "--", program], prefix: Self.prefix(attachment))
        var most = 0
        let hasEnded = running.reaches(withinSeconds: 60) {
            let count = descriptorCount(of: running.processID)
            most = max(most, count)
            return most > 0 && count <= 0
        }
        #expect(hasEnded)
        let outcome = running.wait()
        #expect(outcome.exitStatus == 0, "\(outcome.errors)")
        let recorded = Recorded(
            profile: try workspace.profile("cpu.pb.gz"), outcome: outcome, account: AccountFields(outcome.output))
        #expect(recorded.account["lost"] == 0)
        #expect(recorded.account["malformed"] == 0)
        if attachment == .filteredCPUs {
            #expect(recorded.texts(of: "process") == ["threads"])
            #expect(recorded.numbers(of: "tid").count > 100)
            let kernel = Double(try #require(recorded.account["kernel_cpu_ns"]))
            #expect(plausibleShares.contains(Double(recorded.total(1)) / kernel))
        }
        // Events on two CPUs, standard streams, the filter, the profile, the program's file and symbolizing; never one for
        // each thread.
        #expect(most < 64 + 8 * Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), "\(most) descriptors")
    }
}

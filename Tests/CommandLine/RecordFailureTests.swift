import Glibc
import Primitives
import ProfileModel
import Testing

/// Everything that can be in the way of a recording: the message names the cause and the fix, and nothing is lost.
@Suite(.serialized, .enabled(if: SprofBinary.canRecord, "needs a built sprof, and perf_event_open"))
struct RecordFailureTests {
    let workspace = SprofWorkspace()

    /// A command line that must fail with `status` and a message that has each of `words`, and leave no file behind.
    private func expectFailure(
        _ arguments: [String], prefix: [String] = [], status: Int32, saying words: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let outcome = try workspace.run(["record"] + arguments, prefix: prefix, sourceLocation: sourceLocation)
        #expect(outcome.exitStatus == status, "\(outcome.errors)", sourceLocation: sourceLocation)
        #expect(outcome.output == "", sourceLocation: sourceLocation)
        for word in words {
            #expect(outcome.errors.contains(word), "no \(word) in: \(outcome.errors)", sourceLocation: sourceLocation)
        }
        let left = CompiledPrograms.output("ls -A '\(workspace.folder.path)'")
        #expect(left == "", "left behind: \(left)", sourceLocation: sourceLocation)
    }

    @Test("Process and thread numbers that nobody has are named")
    func noSuchTask() throws {
        try expectFailure(["-p", "\(Int32.max)", "-d", "1s"], status: 1, saying: ["no process \(Int32.max)"])
        try expectFailure(["-t", "\(Int32.max)", "-d", "1s"], status: 1, saying: ["no thread \(Int32.max)"])
    }

    @Test("A command that is not found, cannot be run, or an event that is unknown give timeout(1)'s statuses")
    func commandStatuses() throws {
        try expectFailure(
            ["--", "no-such-command-anywhere"], status: 127, saying: ["no-such-command-anywhere", "not found"])
        try expectFailure(["--", "./missing/command"], status: 127, saying: ["./missing/command"])
        try expectFailure(["--", "/etc/passwd"], status: 126, saying: ["/etc/passwd", "Permission denied"])
        try expectFailure(["--", "/etc"], status: 126, saying: ["/etc"])
        try expectFailure(["-e", "no-such-event", "--", "true"], status: 125, saying: ["no-such-event"])
        try expectFailure(["-e", "page-fault", "--", "true"], status: 125, saying: ["did you mean", "page-faults"])
    }

    @Test("An output that cannot be written is reported before anything is recorded")
    func unwritableOutput() throws {
        let command = ["--", "sh", "-c", "touch was-started"]
        try expectFailure(
            ["-o", "/nonexistent/folder/a.pb.gz"] + command, status: 125, saying: ["/nonexistent/folder", "mkdir -p"])
        try expectFailure(["-o", "/tmp"] + command, status: 125, saying: ["/tmp", "directory"])
        try expectFailure(["-o", "/etc/passwd/x"] + command, status: 125, saying: ["/etc/passwd"])
        try expectFailure(["-o", "/proc/x.pb.gz"] + command, status: 125, saying: ["/proc"])
    }

    @Test("A full disk is named, with the status of sprof's own failures")
    func fullDevice() throws {
        try expectFailure(["-o", "/dev/full", "--", "true"], status: 125, saying: ["/dev/full", "No space left"])
    }

    @Test(
        "A disk that fills while the profile is written costs neither the previous profile nor leaves half of one",
        .enabled(if: SprofBinary.isRoot, "mounting a small file system needs root"))
    func fullDisk() throws {
        let disk = workspace.path("disk")
        let isMounted = CompiledPrograms.shell(
            "mkdir '\(disk)' && mount -t tmpfs -o size=32k none '\(disk)' 2>/dev/null"
                + " && echo previous >'\(disk)/cpu.pb.gz'; dd if=/dev/zero of='\(disk)/fill' bs=4k 2>/dev/null;"
                + " mountpoint -q '\(disk)'")
        guard isMounted else { return }
        defer { _ = CompiledPrograms.shell("umount '\(disk)'") }
        let outcome = try workspace.run(
            ["record", "-o", "disk/cpu.pb.gz"] + ["--"] + shellArguments(busyLoop(100_000)))
        #expect(outcome.exitStatus == 125)
        #expect(outcome.errors.contains("No space left") && outcome.errors.contains("disk"), "\(outcome.errors)")
        #expect(text(ofSmallFile: disk + "/cpu.pb.gz") == "previous")
        #expect(CompiledPrograms.output("ls -A '\(disk)'") == "cpu.pb.gz\nfill\n")
    }

    @Test("Without a sample the reason is told with the target's CPU time, in a valid profile")
    func idleTarget() throws {
        let idle = try RunningProcess(["sleep", "30"])
        let recorded = try workspace.record(["-p", "\(idle.processID)", "-d", "300ms"])
        #expect(recorded.profile.samples.isEmpty)
        #expect(recorded.outcome.errors.contains("No samples: the target was idle: it used 0 ms of CPU"))
        #expect(recorded.account.text.contains("\"empty_reason\":\"the target was idle"))
    }

    @Test("A command that ends at once leaves a valid profile")
    func immediateEnd() throws {
        let recorded = try workspace.record(["--", "true"])
        #expect(recorded.account["command_exit_status"] == 0)
    }

    @Test("A process that ends while it is sampled ends the recording early with its samples")
    func targetEnds() throws {
        let target = try RunningProcess(shellArguments(busyLoop(400_000)))
        let recorded = try workspace.record(["-F", "999", "-p", "\(target.processID)", "-d", "100s"])
        #expect(target.wait().exitStatus == 0)
        #expect((recorded.account["samples"] ?? 0) > 10)
    }

    @Test("Processes that come and go while sprof attaches to their parent cost no profile")
    func targetsEndDuringAttach() throws {
        let target = try RunningProcess(shellArguments("while :; do /bin/true; (\(busyLoop(20_000))); done"))
        for _ in 0..<3 {
            let recorded = try workspace.record(["-p", "\(target.processID)", "-d", "200ms", "-F", "999"])
            #expect((recorded.account["samples"] ?? 0) > 0)
        }
    }

    @Test("Too few file descriptors are named with the command that raises the limit")
    func tooFewDescriptors() throws {
        try expectFailure(
            ["--", "true"], prefix: ["sh", "-c", "ulimit -n 6; exec \"$@\"", "sh"], status: 125,
            saying: ["open files", "ulimit -n"])
    }

    @Test(
        "More threads than descriptors are named with the number that is needed",
        .enabled(if: SprofBinary.canBecomeNobody, "becoming another user needs root and setpriv"))
    func tooManyThreads() throws {
        let programs = try CompiledPrograms()
        let program = try programs.compile(
            """
            #include <pthread.h>
            #include <unistd.h>
            static void *wait(void *a) { pause(); return a; }
            int main(void) { for (int i = 0; i < 100; i++) { pthread_t t; pthread_create(&t, 0, wait, 0); } pause(); }
            """, "gcc -pthread", name: "threads")
        chmod(programs.folder, 0o755)
        let target = try RunningProcess(SprofBinary.asNobody + [program])
        let isReady = target.reaches {
            CompiledPrograms.output("ls /proc/\(target.processID)/task").split(separator: "\n").count == 101
        }
        try #require(isReady)
        try expectFailure(
            ["-p", "\(target.processID)", "-d", "100ms"],
            prefix: SprofBinary.asNobody + ["sh", "-c", "ulimit -n 64; exec \"$@\"", "sh"], status: 1,
            saying: ["open files", "the limit is 64", "ulimit -n"])
    }

    @Test("Options that contradict one another, or name nothing to record, are explained")
    func usage() throws {
        let cases: [([String], String)] = [
            ([], "Nothing to record"), (["-p", "1", "-a"], "Name one target"),
            (["--user-only", "--kernel-only", "-a"], "leave nothing"), (["-F", "9", "-c", "9", "-a"], "not both"),
            (["-c", "0", "-a"], "greater than 0"), (["--labels", "cpu,foo", "-a"], "--labels knows cpu"),
            (["--json", "-o", "-", "-a"], "standard output"), (["--stack-size", "1", "-a"], "1024 to 65528"),
            (["-d", "yesterday", "-a"], "yesterday"), (["-p", "x"], "x"), (["-F", "0", "-a"], "0"),
        ]
        for (arguments, message) in cases {
            try expectFailure(arguments, status: 64, saying: [message])
        }
    }

    @Test("A cgroup that does not exist is named")
    func noSuchCgroup() throws {
        try expectFailure(
            ["--cgroup", "/nonexistent/group", "-d", "100ms"], status: 1,
            saying: ["/nonexistent/group", "No such file or directory"])
    }
}

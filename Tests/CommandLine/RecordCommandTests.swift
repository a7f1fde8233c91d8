import Glibc
import PerfSampler
import Primitives
import ProfileModel
import ProfileReader
import Testing

/// What `sprof record` does with each of its options, on programs that are everywhere.
@Suite(.serialized, .enabled(if: SprofBinary.canRecord, "needs a built sprof, and perf_event_open"))
struct RecordCommandTests {
    let workspace = SprofWorkspace()
    static let isTracingMounted = unsafe access("/sys/kernel/tracing/events/sched/sched_process_exit", R_OK) == 0
    static let endlessLoop = shellArguments("while :; do :; done")

    /// Clocks of CPUs meet a program that shares its CPU with others by chance, and not quite independently of what these
    /// do (docs/limits.md): what is wrong by itself is wrong each time.
    @Test("The samples of a busy command stand for the CPU time that the kernel accounts")
    func totalTime() throws {
        var shares: [Double] = []
        for _ in 0..<3 {
            let recorded = try workspace.record(["-F", "999", "--"] + shellArguments(busyLoop(1_000_000)))
            let kernel = Double(try #require(recorded.account["kernel_cpu_ns"]))
            shares.append(Double(recorded.total(1)) / kernel)
            let chance = 0.05 + 2 / Double(max(1, recorded.total(0))).squareRoot()
            if abs(shares[shares.count - 1] - 1) < chance { return }
        }
        Issue.record("\(shares)")
    }

    @Test("A busy command becomes a profile whose totals are those of the account")
    func command() throws {
        let recorded = try workspace.record(["-F", "999", "--"] + shellArguments(busyLoop(1_000_000)))
        #expect(recorded.sampleTypes == ["samples/count", "cpu/nanoseconds"])
        #expect(recorded.total(0) == recorded.account["samples"])
        #expect(recorded.total(1) == recorded.account["weight"])
        #expect(recorded.account["lost"] == 0)
        #expect(recorded.profile.period == 1_001_001)
        #expect(recorded.profile.durationNanoseconds == recorded.account["elapsed_ns"])
        #expect(abs(recorded.profile.timeNanoseconds / 1_000_000_000 - Int64(time(nil))) < 300)
        #expect(recorded.texts(of: "process") == ["sh"])
        #expect(recorded.texts(of: "thread") == ["sh"])
        #expect(recorded.numbers(of: "pid").count == 1 && recorded.numbers(of: "tid") == recorded.numbers(of: "pid"))
        #expect(recorded.numbers(of: "cpu").isEmpty)
        #expect(recorded.comments.contains { $0.hasPrefix("# command-line: ") && $0.contains("-F 999") })
        let first = try #require(recorded.profile.mappings.first)
        #expect(recorded.profile.string(first.filename).hasSuffix("sh"))
    }

    @Test("Nothing of sprof is in the profile of a command")
    func startsWithExec() throws {
        let recorded = try workspace.record(["-e", "page-faults", "-c", "1", "--user-only", "--", "true"])
        #expect(recorded.sampleTypes == ["samples/count", "page-faults/count"])
        #expect((recorded.account["samples"] ?? 0) > 10)
        #expect(recorded.texts(of: "process") == ["true"])
        let files = recorded.profile.mappings.map { recorded.profile.string($0.filename) }
        #expect(!files.contains { $0.hasSuffix("sprof") }, "\(files)")
        #expect(recorded.account.text.contains("\"failed_stacks\":{}"), "\(recorded.outcome.errors)")
    }

    @Test("What happens in the kernel while a program is executed is not taken for code of that program")
    func samplesWithinExec() throws {
        let recorded = try workspace.record(
            ["-e", "page-faults", "-c", "1", "--"] + shellArguments("for i in 1 2 3 4 5; do /bin/true; done"))
        #expect((recorded.account["samples"] ?? 0) > 50)
        #expect(recorded.account.text.contains("\"failed_stacks\":{}"), "\(recorded.outcome.errors)")
        #expect(recorded.account.text.contains("\"problems\":[]"), "\(recorded.account.text)")
    }

    @Test("The exit status and the signal of a command are passed on", arguments: [0, 1, 7, 200])
    func exitStatus(status: Int32) throws {
        let recorded = try workspace.record(["--"] + shellArguments("exit \(status)"), expecting: status)
        #expect(recorded.account["command_exit_status"] == Int64(status))
    }

    @Test(
        "A command that a signal ended gives 128 and the signal's number, with its profile",
        arguments: [SIGTERM, SIGKILL, SIGSEGV])
    func exitSignal(signal: Int32) throws {
        let recorded = try workspace.record(
            ["--"] + shellArguments("ulimit -c 0; \(busyLoop(100_000)); kill -\(signal) $$"), expecting: 128 + signal)
        #expect(recorded.account["command_signal"] == Int64(signal))
        #expect((recorded.account["samples"] ?? 0) > 0)
    }

    @Test("The exit status is known even if whoever started sprof ignores the end of children")
    func ignoredChildren() throws {
        let recorded = try workspace.record(
            ["--"] + shellArguments("exit 3"), prefix: ["sh", "-c", "trap '' CHLD; exec \"$@\"", "sh"], expecting: 3)
        #expect(recorded.account["command_exit_status"] == 3)
    }

    @Test("Of a process that ended while it was recorded, no account is given that leaves its last part out")
    func endedProcess() throws {
        let target = try RunningProcess(shellArguments("sleep 1; \(busyLoop(300_000))"))
        let recorded = try workspace.record(["-F", "999", "-p", "\(target.processID)"])
        _ = target.wait()
        #expect(recorded.outcome.output.contains("\"kernel_cpu_ns\":null"), "\(recorded.outcome.output)")
    }

    @Test("A command's own standard streams are left alone")
    func streams() throws {
        let outcome = try workspace.run(["record", "-q", "--"] + shellArguments("echo to-output; echo to-errors >&2"))
        #expect(outcome.output == "to-output\n")
        #expect(outcome.errors == "to-errors\n")
        _ = try workspace.profile("profile.pb.gz")
    }

    @Test("Ctrl-C, SIGTERM and SIGHUP end a recording with its profile", arguments: [SIGINT, SIGTERM, SIGHUP])
    func stopSignals(signal: Int32) throws {
        let target = try RunningProcess(Self.endlessLoop)
        let recording = try startRecording(of: target)
        recording.send(signal)
        let outcome = recording.wait(seconds: 20)
        #expect(outcome.isInTime && outcome.exitStatus == 0, "\(outcome.errors)")
        #expect(try workspace.profile("cpu.pb.gz").samples.count > 0)
        #expect(Glibc.kill(target.processID, 0) == 0, "the target must live on")
    }

    @Test("A second Ctrl-C leaves at once, without a file")
    func secondStop() throws {
        let target = try RunningProcess(Self.endlessLoop)
        let recording = try startRecording(of: target)
        recording.send(SIGINT)
        recording.send(SIGTERM)
        let outcome = recording.wait(seconds: 20)
        #expect([128 + SIGINT, 128 + SIGTERM].contains(outcome.exitStatus ?? 0))
        #expect(CompiledPrograms.output("ls -A '\(workspace.folder.path)'") == "")
    }

    @Test("A stop signal also ends the command that was started, and its end is passed on")
    func stopCommand() throws {
        let recording = try workspace.start(["record", "-F", "999", "-o", "cpu.pb.gz", "--"] + Self.endlessLoop)
        let isRunning = recording.reaches {
            CompiledPrograms.shell("pgrep -P \(recording.processID) -x sh >/dev/null")
        }
        try #require(isRunning)
        usleep(100_000)
        recording.send(SIGTERM)
        let outcome = recording.wait(seconds: 20)
        #expect(outcome.isInTime && outcome.exitStatus == 128 + SIGTERM, "\(outcome.errors)")
        #expect(try workspace.profile("cpu.pb.gz").samples.count > 0)
    }

    @Test("A command that outlives -d is ended, which is no failure")
    func commandDuration() throws {
        let recorded = try workspace.record(["-d", "300ms", "-F", "999", "--"] + Self.endlessLoop)
        #expect((recorded.account["samples"] ?? 0) > 10)
    }

    @Test("-o - writes the profile to standard output and everything else elsewhere")
    func standardOutput() throws {
        let file = workspace.path("piped.pb.gz")
        let outcome = try workspace.run(
            ["record", "-F", "999", "-o", "-", "--"] + shellArguments(busyLoop(200_000)), output: file)
        #expect(outcome.exitStatus == 0)
        #expect(outcome.errors.contains("to standard output"))
        #expect(try workspace.profile("piped.pb.gz").samples.count > 0)
    }

    @Test("A reader of -o - that goes away is a failure that is told")
    func brokenPipe() throws {
        let binary = try #require(SprofBinary.path)
        let outcome = try RunningProcess(
            shellArguments("{ '\(binary)' record -F 999 -o - -- true; echo status $? >&2; } | exec false")
        ).wait()
        #expect(outcome.errors.contains("status 125"), "\(outcome.errors)")
        #expect(outcome.errors.contains("Broken pipe"), "\(outcome.errors)")
    }

    @Test(
        "--json is one JSON object on standard output",
        .enabled(if: CompiledPrograms.has("python3"), "python3 is not installed"))
    func json() throws {
        let recorded = try workspace.record(["-F", "999", "--"] + shellArguments(busyLoop(200_000)))
        #expect(recorded.outcome.output.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
        let file = try TemporaryFile(recorded.outcome.output)
        #expect(CompiledPrograms.shell("python3 -m json.tool '\(file.path)' >/dev/null"))
    }

    @Test("--quiet prints nothing")
    func quiet() throws {
        let outcome = try workspace.run(["record", "--quiet", "-F", "999", "--"] + shellArguments(busyLoop(100_000)))
        #expect(outcome.exitStatus == 0)
        #expect(outcome.output == "" && outcome.errors == "")
    }

    @Test("The last paragraph names samples, losses, complete stacks, CPU time, the file and what to do next")
    func paragraph() throws {
        let outcome = try workspace.run(
            ["record", "-F", "999", "-o", "cpu.pb.gz", "--"] + shellArguments(busyLoop(200_000)))
        for words in [
            " samples from 1 thread of 1 process in ", ", 0 lost.", "of user stacks are complete",
            "Samples stand for ", "the kernel accounts ", "Wrote cpu.pb.gz (", "Next: sprof top cpu.pb.gz",
        ] {
            #expect(outcome.errors.contains(words), "no \(words) in \(outcome.errors)")
        }
        #expect(!outcome.errors.contains("\u{1b}"))
        let top = try workspace.run(["top", "cpu.pb.gz"])
        #expect(top.exitStatus == 0 && top.output.contains("flat%"))
    }

    @Test("--labels cpu tells the CPUs apart")
    func cpuLabels() throws {
        let recorded = try workspace.record(["-F", "999", "--labels", "cpu", "--"] + shellArguments(busyLoop(200_000)))
        let cpus = recorded.numbers(of: "cpu")
        #expect(!cpus.isEmpty && cpus.allSatisfy { (0..<Int64(sysconf(Int32(_SC_NPROCESSORS_CONF)))).contains($0) })
    }

    @Test("-c takes a sample every so many nanoseconds")
    func period() throws {
        let recorded = try workspace.record(
            ["-e", "cpu-clock", "-c", "5000000", "--"] + shellArguments(busyLoop(600_000)))
        #expect(recorded.profile.period == 5_000_000)
        #expect(recorded.total(1) == recorded.total(0) * 5_000_000)
        #expect(recorded.total(0) > 5)
    }

    @Test("Of a clock, no shorter period is believed than the kernel's timer keeps")
    func shortestPeriod() throws {
        let recorded = try workspace.record(
            ["-e", "cpu-clock", "-c", "1000", "--call-graph", "none", "--"] + shellArguments(busyLoop(50_000)))
        #expect(recorded.profile.period == 10_000)
        #expect(recorded.total(1) == recorded.total(0) * 10_000 && recorded.total(0) > 0)
        #expect(recorded.outcome.output.contains("cpu-clock is sampled every 10000 ns"), "\(recorded.outcome.output)")
    }

    @Test("One event for user space and one for the kernel are two, by their names")
    func twoSides() throws {
        let recorded = try workspace.record(
            ["-F", "999", "-e", "cpu-clock:u,cpu-clock:k,cpu-clock:u", "--", "dd", "if=/dev/zero", "of=/dev/null"]
                + ["bs=100", "count=1000000"])
        #expect(
            recorded.sampleTypes == [
                "cpu-clock:u_samples/count", "cpu/nanoseconds", "cpu-clock:k_samples/count", "cpu-clock:k/nanoseconds",
            ])
        #expect(recorded.total(0) > 0 && recorded.total(2) > 0)
        #expect(recorded.comments.contains("# event: cpu-clock:u 999 Hz"))
    }

    @Test("Two events are further sample types of one profile")
    func twoEvents() throws {
        let recorded = try workspace.record(
            ["-F", "999", "-e", "cpu-clock", "-e", "page-faults", "--"] + shellArguments(busyLoop(200_000) + "; ls /"))
        #expect(recorded.profile.sampleTypes.count == 4)
        #expect(recorded.sampleTypes.contains("cpu/nanoseconds") && recorded.sampleTypes.contains("page-faults/count"))
        #expect(recorded.total(0) > 0 && recorded.total(2) > 0)
        #expect(recorded.total(0) + recorded.total(2) == recorded.account["samples"])
    }

    @Test(
        "A tracepoint is sampled at each occurrence",
        .enabled(if: isTracingMounted, "tracefs is not mounted, or closed to us"))
    func tracepoint() throws {
        let recorded = try workspace.record(
            ["-e", "sched:sched_process_exit", "--"] + shellArguments("for i in 1 2 3; do /bin/true; done"))
        #expect(recorded.total(0) == 4)
    }

    @Test("A tracepoint is sampled as often as -F says", .enabled(if: isTracingMounted, "tracefs is not mounted"))
    func tracepointRate() throws {
        let recorded = try workspace.record(
            ["-F", "99", "-e", "sched:sched_process_exit", "--"] + shellArguments("for i in 1 2 3; do /bin/true; done"))
        #expect(recorded.comments.contains("# event: sched:sched_process_exit 99 Hz"))
    }

    @Test("--user-only and --kernel-only leave the other out")
    func sides() throws {
        let command = ["--", "dd", "if=/dev/zero", "of=/dev/null", "bs=100", "count=1000000"]
        let user = try workspace.record(["-F", "999", "--user-only"] + command)
        #expect(user.total(0) > 0)
        #expect(!user.profile.samples.contains { $0.locations.contains { user.isKernel($0) } })
        guard canSampleSystem else { return }
        let kernel = try workspace.record(["-F", "999", "--kernel-only"] + command)
        #expect(kernel.total(0) > 0)
        #expect(kernel.profile.samples.allSatisfy { $0.locations.allSatisfy { kernel.isKernel($0) } })
    }

    @Test("A target that is busy, but only where --kernel-only does not look, is not called idle")
    func onlyUserTime() throws {
        guard canSampleSystem else { return }
        let target = try RunningProcess(["sh", "-c", "while :; do :; done"])
        let recorded = try workspace.record(
            ["-F", "99", "--kernel-only", "-p", "\(target.processID)", "-d", "300ms"])
        if recorded.profile.samples.isEmpty { #expect(!recorded.outcome.errors.contains("idle")) }
    }

    @Test("Without call graphs each user stack is a single frame")
    func noCallGraph() throws {
        let recorded = try workspace.record(
            ["-F", "999", "--user-only", "--call-graph", "none", "--"] + shellArguments(busyLoop(200_000)))
        #expect(recorded.total(0) > 0)
        #expect(recorded.profile.samples.allSatisfy { $0.locations.count == 1 })
        // Nothing is said of stacks that nobody asked for.
        #expect(recorded.account["user_stacks"] == 0)
        #expect(recorded.comments.first?.hasSuffix(" 0 lost") == true, "\(recorded.comments)")
    }

    @Test("A target's children are sampled unless --no-children leaves them out")
    func children() throws {
        let script = "\(busyLoop(50_000)); /bin/sh -c 'while :; do :; done' & while :; do :; done"
        let target = try RunningProcess(shellArguments(script))
        let hasChild = target.reaches { CompiledPrograms.shell("pgrep -P \(target.processID) >/dev/null") }
        try #require(hasChild)
        defer { _ = Glibc.kill(-target.processID, SIGKILL) }
        let options = ["-F", "999", "-p", "\(target.processID)", "-d", "500ms"]
        let all = try workspace.record(options)
        #expect(all.numbers(of: "pid").count == 2)
        let one = try workspace.record(options + ["--no-children"])
        #expect(one.numbers(of: "pid") == [Int64(target.processID)])
    }

    @Test("--no-children leaves out the children of a command as well")
    func childrenOfCommand() throws {
        let script = "(\(busyLoop(200_000))) & \(busyLoop(200_000)); wait"
        let all = try workspace.record(["-F", "999", "--"] + shellArguments(script))
        #expect(all.numbers(of: "pid").count == 2)
        #expect((all.account["kernel_cpu_ns"] ?? 0) > 0)
        let one = try workspace.record(["-F", "999", "--no-children", "--"] + shellArguments(script))
        #expect(one.numbers(of: "pid").count == 1)
        // wait4(2) counts the children with their parent.
        #expect(one.outcome.output.contains("\"kernel_cpu_ns\":null"))
    }

    @Test("Several processes are sampled together, each under its own pid")
    func severalProcesses() throws {
        let targets = try [RunningProcess(Self.endlessLoop), RunningProcess(Self.endlessLoop)]
        let list = targets.map { "\($0.processID)" }.joined(separator: ",")
        let recorded = try workspace.record(["-F", "999", "-p", list, "-d", "700ms"])
        #expect(recorded.numbers(of: "pid") == Set(targets.map { Int64($0.processID) }))
    }

    @Test("The whole system is sampled", .enabled(if: canSampleSystem, "needs CAP_PERFMON or a paranoid level below 1"))
    func system() throws {
        let target = try RunningProcess(Self.endlessLoop)
        let recorded = try workspace.record(["-F", "999", "-a", "-d", "500ms"])
        #expect(recorded.numbers(of: "pid").contains(Int64(target.processID)))
    }

    @Test("The processes of a cgroup are sampled, and no others", .enabled(if: canSampleSystem, "needs CAP_PERFMON"))
    func cgroup() throws {
        // A mount of its own, since where the system has the hierarchy, if anywhere, differs.
        let mount = workspace.path("cgroup2")
        guard CompiledPrograms.shell("mkdir \(mount) && mount -t cgroup2 none \(mount) 2>/dev/null") else { return }
        defer { _ = CompiledPrograms.shell("umount \(mount)") }
        let group = "\(mount)/sprof-test-\(getpid())"
        guard unsafe mkdir(group, 0o755) == 0 else { return }
        defer { rmdir(group) }
        let outside = try RunningProcess(Self.endlessLoop)
        let inside = try RunningProcess(shellArguments("echo $$ >'\(group)/cgroup.procs' && while :; do :; done"))
        let isInside = inside.reaches { text(ofSmallFile: group + "/cgroup.procs") == "\(inside.processID)" }
        guard isInside else { return }
        let recorded = try workspace.record(["-F", "999", "--cgroup", group, "-d", "500ms"])
        #expect(recorded.numbers(of: "pid") == [Int64(inside.processID)])
        #expect(Glibc.kill(outside.processID, SIGKILL) == 0 && Glibc.kill(inside.processID, SIGKILL) == 0)
        _ = (outside.wait(), inside.wait())
    }

    @Test("sprof can record sprof")
    func itself() throws {
        let binary = try #require(SprofBinary.path)
        let recorded = try workspace.record(
            ["-F", "999", "--", binary, "record", "-q", "-F", "999", "-o", "inner.pb.gz", "--"]
                + shellArguments(busyLoop(300_000)))
        #expect(recorded.texts(of: "process").isSuperset(of: ["sprof", "sh"]))
        #expect(try workspace.profile("inner.pb.gz").samples.count > 0)
    }

    /// sprof on `target`, returned when its events are open.
    private func startRecording(of target: RunningProcess) throws -> RunningProcess {
        let recording = try workspace.start(
            ["record", "-F", "999", "-o", "cpu.pb.gz", "-p", "\(target.processID)", "-d", "100s"])
        // Nobody but the target's clock can tell that it ran under the events: it uses 100 ms more.
        let isOpen = recording.reaches {
            CompiledPrograms.output(
                "ls -l /proc/\(recording.processID)/maps /proc/\(recording.processID)/fd 2>/dev/null"
            )
            .contains("[perf_event]")
        }
        try #require(isOpen)
        let before = ticks(of: target)
        let hasRun = recording.reaches { ticks(of: target) >= before + 10 }
        try #require(hasRun)
        return recording
    }

    /// utime in clock ticks of 10 ms (proc_pid_stat(5), field 14).
    private func ticks(of process: RunningProcess) -> Int {
        let fields = (text(ofSmallFile: "/proc/\(process.processID)/stat") ?? "").split(separator: " ")
        return fields.count > 13 ? Int(fields[13]) ?? 0 : 0
    }
}

import Glibc
import Primitives
import ProfileModel
import Testing

/// What an ordinary user at the kernel's default settings can do, and is told where that ends.
@Suite(
    .serialized,
    .enabled(
        if: SprofBinary.canRecord && SprofBinary.canBecomeNobody,
        "needs a built sprof, perf_event_open, root and setpriv"))
struct RecordPermissionTests {
    let workspace = SprofWorkspace()
    static let paranoid = text(ofSmallFile: "/proc/sys/kernel/perf_event_paranoid").flatMap { Int($0) } ?? 2

    @Test("A user's own command is sampled, and a single line tells that the kernel is left out and why")
    func ownCommand() throws {
        let recorded = try workspace.record(
            ["-F", "999", "--"] + shellArguments(busyLoop(400_000)), prefix: SprofBinary.asNobody)
        #expect((recorded.account["samples"] ?? 0) > 10)
        #expect((recorded.account["complete_stacks"] ?? 0) * 100 >= (recorded.account["user_stacks"] ?? 0) * 99)
        guard Self.paranoid == 2 else { return }
        let lines = recorded.outcome.errors.split(separator: "\n").filter { $0.contains("kernel.perf_event_paranoid") }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("sudo sysctl kernel.perf_event_paranoid=1") == true)
        #expect(!recorded.profile.samples.contains { $0.locations.contains { recorded.isKernel($0) } })
        #expect(recorded.comments.contains { $0.hasPrefix("# note: time in the kernel is left out") })
    }

    @Test(
        "Who may not see the kernel is told so when asking for nothing else",
        .enabled(if: paranoid >= 2, "kernel.perf_event_paranoid allows it"),
        arguments: [["--kernel-only"], ["-e", "cpu-clock:k"]])
    func kernelOnly(options: [String]) throws {
        let target = try RunningProcess(SprofBinary.asNobody + shellArguments("while :; do :; done"))
        let outcome = try workspace.run(
            ["record"] + options + ["-p", "\(target.processID)", "-d", "300ms"], prefix: SprofBinary.asNobody)
        #expect(outcome.exitStatus == 125 || outcome.exitStatus == 1, "\(outcome.exitStatus ?? -1)")
        #expect(outcome.errors.contains("sudo sysctl kernel.perf_event_paranoid=1"), "\(outcome.errors)")
    }

    @Test("A user's own running process is sampled")
    func ownProcess() throws {
        let target = try RunningProcess(SprofBinary.asNobody + shellArguments("while :; do :; done"))
        let recorded = try workspace.record(
            ["-F", "999", "-p", "\(target.processID)", "-d", "500ms"], prefix: SprofBinary.asNobody)
        #expect((recorded.account["samples"] ?? 0) > 0)
    }

    /// Runs its arguments where perf_event_open(2) is refused, as in a container with Docker's default filter.
    private static let filteredRunner = """
        #include <errno.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stddef.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>
        int main(int argc, char **argv) {
            struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_perf_event_open, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            };
            struct sock_fprog program = {4, code};
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 99;
            execvp(argv[1], argv + 1);
            return 98;
        }
        """

    @Test(
        "A seccomp filter is told from missing rights, and so is what starts the container without it",
        .enabled(if: CompiledPrograms.has("gcc"), "gcc is not installed"))
    func seccompFilter() throws {
        let programs = try CompiledPrograms()
        let runner = try programs.compile(Self.filteredRunner, "gcc", name: "filtered")
        let outcome = try workspace.run(["record", "--", "true"], prefix: [runner])
        #expect(outcome.exitStatus == 125)
        #expect(outcome.errors.contains("a seccomp filter forbids perf_event_open"), "\(outcome.errors)")
        #expect(outcome.errors.contains("--cap-add PERFMON --security-opt seccomp=unconfined"))
        let doctor = try workspace.run(["doctor"], prefix: [runner])
        #expect(doctor.exitStatus == 1)
        #expect(doctor.output.contains("--cap-add PERFMON --security-opt seccomp=unconfined"))
    }

    @Test("The process of another user is named as such")
    func otherUser() throws {
        let other = try RunningProcess(["sleep", "30"])
        let outcome = try workspace.run(
            ["record", "-p", "\(other.processID)", "-d", "100ms"], prefix: SprofBinary.asNobody)
        #expect(outcome.exitStatus == 1)
        #expect(outcome.errors.contains("process \(other.processID) belongs to another user"), "\(outcome.errors)")
        #expect(outcome.errors.contains("sudo sprof"))
    }

    @Test(
        "The whole system is refused with the level that is needed and both ways to get there",
        .enabled(if: paranoid > 0, "kernel.perf_event_paranoid allows it"))
    func wholeSystem() throws {
        let outcome = try workspace.run(["record", "-a", "-d", "100ms"], prefix: SprofBinary.asNobody)
        #expect(outcome.exitStatus == 1)
        #expect(outcome.errors.contains("kernel.perf_event_paranoid is \(Self.paranoid), 0 or less is needed"))
        #expect(outcome.errors.contains("sudo sysctl kernel.perf_event_paranoid=0"))
        #expect(outcome.errors.contains("setcap cap_perfmon"))
    }

    @Test("Rings that are larger than the user may lock are shrunk, and the recording goes on")
    func largeRing() throws {
        let recorded = try workspace.record(
            ["-F", "999", "--ring-size", "512M", "--"] + shellArguments(busyLoop(200_000)),
            prefix: SprofBinary.asNobody + ["sh", "-c", "ulimit -l 64; exec \"$@\"", "sh"])
        #expect((recorded.account["samples"] ?? 0) > 0)
    }

    @Test(
        "When another recording of the user holds all memory that may be locked, that is named with its sysctl",
        .enabled(if: paranoid >= 0, "kernel.perf_event_paranoid allows any amount"))
    func lockedMemory() throws {
        let unlocked = SprofBinary.asNobody + ["sh", "-c", "ulimit -l 0; exec \"$@\"", "sh"]
        let holder = try workspace.start(
            ["record", "-q", "-o", "holder.pb.gz", "--ring-size", "512M", "-d", "60s", "--", "sleep", "60"],
            prefix: unlocked)
        let isHolding = holder.reaches { CompiledPrograms.shell("pgrep -P \(holder.processID) -x sleep >/dev/null") }
        try #require(isHolding)
        let outcome = try workspace.run(
            ["record", "-F", "999", "--ring-size", "512M", "--", "true"], prefix: unlocked)
        holder.send(SIGTERM)
        _ = holder.wait()
        #expect(outcome.exitStatus == 125)
        #expect(outcome.errors.contains("locked memory"), "\(outcome.errors)")
        #expect(outcome.errors.contains("sudo sysctl kernel.perf_event_mlock_kb="))
    }

    @Test("Kernel functions without names are still frames when their addresses are hidden")
    func hiddenKernelSymbols() throws {
        // A user without CAP_SYSLOG sees zeros in /proc/kallsyms at kptr_restrict 1, and root does at 2.
        let path = "/proc/sys/kernel/kptr_restrict"
        let before = text(ofSmallFile: path) ?? "0"
        guard CompiledPrograms.shell("echo 2 >\(path) 2>/dev/null") else { return }
        defer { _ = CompiledPrograms.shell("echo \(before) >\(path)") }
        let recorded = try workspace.record(
            ["-F", "999", "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=1M", "count=4000"])
        let kernelSamples = recorded.profile.samples.filter { $0.locations.contains { recorded.isKernel($0) } }
        #expect(!kernelSamples.isEmpty)
        #expect(recorded.outcome.errors.contains("kptr_restrict"), "\(recorded.outcome.errors)")
    }

    @Test("doctor tells an ordinary user what is missing and the command that enables it")
    func doctor() throws {
        let outcome = try workspace.run(["doctor"], prefix: SprofBinary.asNobody)
        #expect(outcome.exitStatus == 0)
        #expect(outcome.output.contains("ok  own processes"))
        #expect(outcome.output.contains("kernel.perf_event_paranoid is \(Self.paranoid)"))
        #expect(outcome.output.contains("to enable: sudo sprof"))
        #expect(outcome.output.contains("sandbox for debug files"))
        let json = try workspace.run(["doctor", "--json"], prefix: SprofBinary.asNobody)
        #expect(json.output.hasPrefix("[{\"check\":\"own processes\",\"works\":true"))
    }
}

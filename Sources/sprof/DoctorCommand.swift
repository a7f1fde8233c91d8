import ArgumentParser
import Glibc
import PerfSampler
import Primitives
import Symbolizer

/// `sprof doctor`: what works on this machine, and how to enable the rest.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what works on this machine, and how to enable the rest.",
        discussion: "Exits with 1 when sprof cannot sample even its own user's processes.")

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let capabilities = PerfCapabilities.probe()
        let findings = Findings(capabilities).list
        if json {
            let list = findings.map { finding in
                JSON.object([
                    ("check", .string(finding.check)), ("works", .bool(finding.works)),
                    ("detail", .string(finding.detail)), ("fix", finding.fix.map(JSON.string) ?? .null),
                ])
            }
            writeAll(JSON.array(list).text + "\n", to: STDOUT_FILENO)
        } else {
            writeAll(findings.map { $0.text(coloured: isatty(STDOUT_FILENO) == 1) }.joined(), to: STDOUT_FILENO)
        }
        if !capabilities.canSampleSelf { throw ExitCode(1) }
    }
}

/// One thing that works or does not.
private struct Finding {
    var check: String
    var works: Bool
    var detail: String
    /// What enables it; nil when it works, or when nothing does.
    var fix: String?

    func text(coloured: Bool) -> String {
        let mark = works ? "ok" : "--"
        let shown = coloured ? "\u{1b}[\(works ? 32 : 33)m\(mark)\u{1b}[0m" : mark
        let padding = String(repeating: " ", count: max(1, 26 - check.count))
        return "\(shown)  \(check)\(padding)\(detail)\n" + (fix.map { "      to enable: \($0)\n" } ?? "")
    }
}

/// What the probed facts mean for a user.
private struct Findings {
    private let facts: PerfCapabilities

    init(_ facts: PerfCapabilities) {
        self.facts = facts
    }

    var list: [Finding] {
        [
            ownProcesses, kernelTime, otherProcesses, contextSwitches, hardware, kernelNames, rate, memory, files,
            depth,
            sandbox,
        ]
    }

    private var paranoid: String { facts.paranoidLevel.map(String.init) ?? "absent" }

    private var ownProcesses: Finding {
        let fix: String? =
            switch facts {
            case _ where facts.canSampleSelf: nil
            case _ where facts.seccompMode == 2:
                "start the container with --cap-add PERFMON --security-opt seccomp=unconfined"
            case _ where facts.paranoidLevel == nil: "boot a kernel with CONFIG_PERF_EVENTS"
            default: "sudo sysctl kernel.perf_event_paranoid=2"
            }
        return Finding(
            check: "own processes", works: facts.canSampleSelf,
            detail: facts.canSampleSelf
                ? "user code can be sampled" : "perf_event_open is refused (paranoid \(paranoid))",
            fix: fix)
    }

    private var kernelTime: Finding {
        Finding(
            check: "kernel stacks", works: facts.canSampleKernel,
            detail: "kernel.perf_event_paranoid is \(paranoid)",
            fix: facts.canSampleKernel ? nil : "sudo sysctl kernel.perf_event_paranoid=1")
    }

    private var otherProcesses: Finding {
        Finding(
            check: "other users, whole system", works: facts.canSampleSystem,
            detail: facts.canSampleSystem ? "-a and processes of other users can be sampled" : "needs CAP_PERFMON",
            fix: facts.canSampleSystem
                ? nil : "sudo sprof …, or sudo setcap cap_perfmon,cap_sys_ptrace,cap_syslog=ep \"$(command -v sprof)\"")
    }

    private var contextSwitches: Finding {
        Finding(
            check: "cheap context switches", works: facts.canFilterCPUs,
            detail: facts.canFilterCPUs
                ? "processes are sampled by CPU, filtered in the kernel"
                : "an event for each thread costs its context switches 2.5-3.8 µs",
            fix: facts.canFilterCPUs ? nil : "sudo sprof …, outside of containers")
    }

    private var hardware: Finding {
        Finding(
            check: "hardware counters", works: facts.hasHardwareCycles,
            detail: facts.hasHardwareCycles
                ? "cycles can be sampled"
                : "this machine has none (usual in virtual machines); cpu-clock is used instead",
            fix: nil)
    }

    private var kernelNames: Finding {
        let isPrivileged = !facts.capabilities.isDisjoint(with: [.syslog])
        // kallsyms_show_value() in kernel/ksyms_common.c: at 0 the paranoid level counts, at 1 CAP_SYSLOG, above nothing.
        let works: Bool =
            switch facts.kernelPointerRestriction {
            case 0: isPrivileged || (facts.paranoidLevel ?? 2) <= 1
            case 1: isPrivileged
            default: false
            }
        return Finding(
            check: "kernel function names", works: works,
            detail: "kernel.kptr_restrict is \(facts.kernelPointerRestriction.map(String.init) ?? "absent"),"
                + " kernel.perf_event_paranoid is \(paranoid)",
            fix: works ? nil : "sudo sysctl kernel.kptr_restrict=0 kernel.perf_event_paranoid=1")
    }

    private var rate: Finding {
        let maximum = facts.maximumSampleRate ?? 0
        return Finding(
            check: "samples per second", works: maximum >= 999, detail: "up to \(maximum)",
            fix: maximum >= 999 ? nil : "sudo sysctl kernel.perf_event_max_sample_rate=100000")
    }

    private var memory: Finding {
        let kilobytes = facts.lockedKilobytesPerCPU ?? 0
        let isPrivileged = !facts.capabilities.isDisjoint(with: [.ipcLock, .perfmon, .sysAdmin])
        let works = kilobytes >= 516 || isPrivileged
        return Finding(
            check: "locked memory", works: works,
            detail: isPrivileged ? "not limited" : "\(kilobytes) KB for each CPU's buffer",
            fix: works ? nil : "sudo sysctl kernel.perf_event_mlock_kb=516")
    }

    private var files: Finding {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return Finding(check: "open files", works: true, detail: "limit unknown", fix: nil)
        }
        let works = limit.rlim_max >= 4096
        return Finding(
            check: "open files", works: works, detail: "up to \(limit.rlim_max): one per thread and CPU is needed",
            fix: works ? nil : "ulimit -Hn 65536")
    }

    private var depth: Finding {
        Finding(
            check: "kernel stack depth", works: true,
            detail: "up to \(facts.maximumStackDepth ?? 127) frames (kernel.perf_event_max_stack)", fix: nil)
    }

    /// What a worker says that reads a file as after a recording: this program.
    private var sandbox: Finding {
        let check = "sandbox for debug files"
        do {
            let program = "/proc/self/exe"
            let request = SymbolizeRequest(
                path: program, file: OpenFile(try FileDescriptor(opening: program)), addresses: [FileAddress(0)])
            var pool = SymbolizerPool(workerCount: 1)
            let gaps = try pool.symbolize([request])[0].get().sandboxGaps
            guard gaps.isEmpty else {
                return Finding(
                    check: check, works: false,
                    detail: "weaker: the kernel, or a container's rules, give no "
                        + gaps.joined(separator: " and no "),
                    fix: gaps == ["Landlock"] ? "boot with landlock in the kernel's list lsm=" : nil)
            }
            return Finding(
                check: check, works: true, detail: "decoders have no files, network, processes or privileges", fix: nil)
        } catch {
            return Finding(check: check, works: false, detail: "names cannot be looked up: \(error)", fix: nil)
        }
    }
}

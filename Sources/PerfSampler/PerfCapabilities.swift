import Glibc
import Primitives

/// What this kernel and this user's rights allow, for diagnosis; nothing stays open.
public struct PerfCapabilities: Sendable {
    /// The capabilities (capabilities(7)) that matter to a profiler.
    public struct Capabilities: OptionSet, Sendable {
        /// The bits of `CapEff`.
        public var rawValue: UInt64
        /// The capabilities with these bits.
        public init(rawValue: UInt64) { self.rawValue = rawValue }

        /// CAP_IPC_LOCK: rings of any size.
        public static let ipcLock = Capabilities(rawValue: 1 << 14)
        /// CAP_SYS_PTRACE: processes of other users.
        public static let sysPtrace = Capabilities(rawValue: 1 << 19)
        /// CAP_SYS_ADMIN: before Linux 5.8 what CAP_PERFMON is now.
        public static let sysAdmin = Capabilities(rawValue: 1 << 21)
        /// CAP_SYSLOG: kernel addresses.
        public static let syslog = Capabilities(rawValue: 1 << 34)
        /// CAP_PERFMON: any process, any CPU, the kernel.
        public static let perfmon = Capabilities(rawValue: 1 << 38)
        /// CAP_BPF.
        public static let bpf = Capabilities(rawValue: 1 << 39)
    }

    /// `kernel.perf_event_paranoid`; nil if the kernel has no perf_event.
    public var paranoidLevel: Int?
    /// The effective capabilities of this process.
    public var capabilities: Capabilities
    /// Whether the hardware counter of CPU cycles can be sampled.
    public var hasHardwareCycles: Bool
    /// Whether a software clock can be sampled on our own thread.
    public var canSampleSelf: Bool
    /// Whether time in the kernel can be sampled.
    public var canSampleKernel: Bool
    /// Whether all processes of a CPU can be sampled.
    public var canSampleSystem: Bool
    /// Whether processes can be sampled by CPU, so that their context switches stay as fast as they are.
    public var canFilterCPUs: Bool
    /// `kernel.kptr_restrict`: above 0, kernel addresses are hidden.
    public var kernelPointerRestriction: Int?
    /// `kernel.perf_event_mlock_kb`.
    public var lockedKilobytesPerCPU: Int?
    /// `kernel.perf_event_max_sample_rate`.
    public var maximumSampleRate: Int?
    /// `kernel.perf_event_max_stack`.
    public var maximumStackDepth: Int?
    /// The seccomp mode of this process: 0 none, 1 strict, 2 filter.
    public var seccompMode: Int?
    /// Whether this process is in a user namespace of its own.
    public var isInUserNamespace: Bool
    /// `kernel.yama.ptrace_scope`; nil without Yama.
    public var yamaPtraceScope: Int?
    /// Whether the kernel can defer user call chains (Linux 6.19).
    public var canDeferCallChain: Bool

    /// Looks at /proc and opens a few events on the calling thread.
    public static func probe() -> PerfCapabilities {
        let effective = status("CapEff").flatMap { UInt64($0, radix: 16) } ?? 0
        let cycles = SamplingEvent(name: "cycles", type: PerfType.hardware, configuration: 0)
        let capabilities = Capabilities(rawValue: effective)
        let paranoid = integer("/proc/sys/kernel/perf_event_paranoid")
        let canSampleSelf = EventProbe.canOpen(EventProbe.simplest)
        let isPrivileged = !capabilities.isDisjoint(with: [.perfmon, .sysAdmin])
        return PerfCapabilities(
            paranoidLevel: paranoid, capabilities: capabilities, hasHardwareCycles: EventProbe.canOpen(cycles),
            canSampleSelf: canSampleSelf,
            canSampleKernel: EventProbe.open(EventProbe.simplest, withKernel: true) == 0,
            canSampleSystem: canSampleSelf && (isPrivileged || (paranoid ?? 2) <= 0),
            canFilterCPUs: canFilterCPUs(), kernelPointerRestriction: integer("/proc/sys/kernel/kptr_restrict"),
            lockedKilobytesPerCPU: integer("/proc/sys/kernel/perf_event_mlock_kb"),
            maximumSampleRate: integer("/proc/sys/kernel/perf_event_max_sample_rate"),
            maximumStackDepth: integer("/proc/sys/kernel/perf_event_max_stack"),
            seccompMode: status("Seccomp").flatMap { Int($0) },
            isInUserNamespace: !mapsAllUsers(text(ofSmallFile: "/proc/self/uid_map") ?? ""),
            yamaPtraceScope: integer("/proc/sys/kernel/yama/ptrace_scope"),
            canDeferCallChain: EventProbe.open(EventProbe.simplest, extra: .deferCallChain) == 0)
    }

    private static func canFilterCPUs() -> Bool {
        guard SamplerConfiguration.isInFirstPidNamespace else { return false }
        do throws(SystemError) {
            _ = try TaskFilter(.processes, followsChildren: true, cpu: CPUList.online()[0])
            return true
        } catch {
            return false
        }
    }

    /// Whether `map` is the initial user namespace's (user_namespaces(7)).
    static func mapsAllUsers(_ map: String) -> Bool {
        map.split(separator: " ", omittingEmptySubsequences: true).map(String.init) == ["0", "0", "4294967295"]
    }

    /// The number in a one-line file.
    static func integer(_ path: String) -> Int? {
        text(ofSmallFile: path).flatMap { Int($0) }
    }

    /// The value of `key` in /proc/PID/status; `process` nil is ourselves.
    static func status(_ key: String, of process: Int32? = nil) -> String? {
        let folder = process.map { String($0) } ?? "self"
        guard let lines = text(ofSmallFile: "/proc/\(folder)/status") else { return nil }
        for line in lines.split(separator: "\n") where line.hasPrefix(key + ":") {
            return String(line.dropFirst(key.utf8.count + 1).drop { $0 == "\t" || $0 == " " })
        }
        return nil
    }

    /// The process that a thread belongs to.
    static func threadGroup(of thread: Int32) -> Int32? {
        status("Tgid", of: thread).flatMap { Int32($0) }
    }
}

import Glibc
import Primitives

/// How often an event takes a sample.
public enum SamplingRate: Hashable, Sendable {
    /// So many times a second (and CPU), the kernel adapts the period.
    case frequency(Int)
    /// Every so many occurrences; nanoseconds for the clock events.
    case period(UInt64)
}

/// What a sample's period counts.
public enum SamplingUnit: Hashable, Sendable {
    case nanoseconds
    case count
}

/// An event that the kernel can take samples by.
public struct SamplingEvent: Hashable, Sendable {
    /// The name, without modifiers: "cpu-clock", "sched:sched_switch".
    public var name: String
    /// The name with the modifier that tells it from the same event without one: "cpu-clock:u".
    public var fullName: String { name + (excludeKernel ? ":u" : excludeUser ? ":k" : "") }
    /// `perf_event_attr.type`.
    public var type: UInt32
    /// `perf_event_attr.config`.
    public var configuration: UInt64
    /// How often to sample.
    public var rate: SamplingRate
    /// What the period counts.
    public var unit: SamplingUnit
    /// Whether occurrences in the kernel are left out (`:u`).
    public var excludeKernel: Bool
    /// Whether occurrences in user space are left out (`:k`).
    public var excludeUser: Bool

    /// An event by its numbers, for those that `resolve` does not know.
    public init(
        name: String, type: UInt32, configuration: UInt64, rate: SamplingRate = .frequency(99),
        unit: SamplingUnit = .count, excludeKernel: Bool = false, excludeUser: Bool = false
    ) {
        self.name = name
        self.type = type
        self.configuration = configuration
        self.rate = rate
        self.unit = unit
        self.excludeKernel = excludeKernel
        self.excludeUser = excludeUser
    }

    /// The event that `text` names: "cpu" (hardware cycles if they can be opened, else cpu-clock), a name that perf
    /// knows ("instructions", "LLC-load-misses", "page-faults"), a tracepoint "sched:sched_switch", or a raw code
    /// "r1a2"; then, if wished, ":u" or ":k" for user space or kernel only.
    ///
    /// Tracepoints are sampled at every occurrence unless `rate` says otherwise.
    public static func resolve(_ text: String, rate: SamplingRate? = nil) throws(SamplerError) -> SamplingEvent {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        var excludeKernel = false
        var excludeUser = false
        if parts.count > 1, let last = parts.last, !last.isEmpty, last.allSatisfy({ $0 == "u" || $0 == "k" }) {
            excludeKernel = !last.contains("k")
            excludeUser = !last.contains("u")
            parts.removeLast()
        }
        var event: SamplingEvent
        if parts.count == 2 {
            event = try tracepoint(system: parts[0], name: parts[1], text: text)
        } else if parts.count == 1, let known = named(parts[0]) ?? raw(parts[0]) {
            event = known
        } else {
            throw .unknownEvent(name: text, similar: EventNames.similar(to: parts[0]))
        }
        if let rate { event.rate = rate }
        event.excludeKernel = excludeKernel
        event.excludeUser = excludeUser
        return event
    }

    private static func named(_ name: String) -> SamplingEvent? {
        if name == "cpu" {
            let hardware = SamplingEvent(name: "cycles", type: PerfType.hardware, configuration: 0)
            if EventProbe.canOpen(hardware) { return hardware }
            return named("cpu-clock")
        }
        guard let code = EventNames.code(of: name) else { return nil }
        let isClock = code.type == PerfType.software && code.configuration <= 1
        return SamplingEvent(
            name: name, type: code.type, configuration: code.configuration, unit: isClock ? .nanoseconds : .count)
    }

    private static func raw(_ name: String) -> SamplingEvent? {
        guard name.utf8.first == UInt8(ascii: "r"), let code = UInt64(name.dropFirst(), radix: 16),
            name.utf8.dropFirst().first != UInt8(ascii: "+")
        else { return nil }
        return SamplingEvent(name: name, type: PerfType.raw, configuration: code)
    }

    private static func tracepoint(system: String, name: String, text: String) throws(SamplerError) -> SamplingEvent {
        // A slash would leave the events folder.
        guard !system.isEmpty, !name.isEmpty, !(system + name).utf8.contains(UInt8(ascii: "/")), system != "..",
            name != ".."
        else { throw .unknownEvent(name: text, similar: []) }
        let roots = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"]
        for root in roots {
            let path = "\(root)/events/\(system)/\(name)/id"
            do {
                let file = try FileDescriptor(opening: path)
                let bytes = try file.readToEnd(limit: 64)
                let digits = bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }
                guard let code = UInt64(String(decoding: digits, as: UTF8.self)) else { continue }
                return SamplingEvent(
                    name: "\(system):\(name)", type: PerfType.tracepoint, configuration: code, rate: .period(1))
            } catch {
                if error.code == EACCES || error.code == EPERM { throw .permission(.tracepointFiles(path: path)) }
            }
        }
        let isMounted = roots.contains { unsafe access($0 + "/events", F_OK) == 0 }
        guard isMounted else {
            throw .unsupported(
                "the tracepoint \(text) cannot be looked up: tracefs is not mounted; mount it with: "
                    + "sudo mount -t tracefs tracefs /sys/kernel/tracing")
        }
        throw .unknownEvent(name: text, similar: [])
    }

    /// The least period of the clocks, in nanoseconds: `perf_swevent_start_hrtimer()` in kernel/events/core.c takes no less,
    /// but weighs samples by the period that was asked for.
    public static let leastClockPeriod: UInt64 = 10_000

    /// The greatest frequency that the kernel accepts now (`kernel.perf_event_max_sample_rate`).
    public static func maximumFrequency() -> Int {
        text(ofSmallFile: "/proc/sys/kernel/perf_event_max_sample_rate").flatMap { Int($0) } ?? 100_000
    }
}

/// `perf_event_attr.type` (enum perf_type_id).
enum PerfType {
    static let hardware: UInt32 = 0
    static let software: UInt32 = 1
    static let tracepoint: UInt32 = 2
    static let cache: UInt32 = 3
    static let raw: UInt32 = 4
}

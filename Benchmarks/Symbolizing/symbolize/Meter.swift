import Glibc
import Primitives
import Synchronization

/// What a piece of work cost.
struct Cost: CustomStringConvertible {
    /// User and system time of this process and of its children that have ended.
    var cpuSeconds: Double
    var wallSeconds: Double
    /// The most private memory that was in use at once (RssAnon, proc(5)), of this process.
    var peakAnonymousBytes: Int

    var description: String {
        "\(rounded(cpuSeconds)) s CPU, \(rounded(wallSeconds)) s wall, \(peakAnonymousBytes >> 20) MB anonymous"
    }

    private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

/// Measures the time from its making on, and memory, which a thread looks at every few milliseconds: the kernel keeps a
/// peak of all resident pages only, mapped files included.
final class Meter {
    private let start = ContinuousClock.now
    private let cpuAtStart = Meter.cpuSeconds()
    private let state = State()
    private var thread = pthread_t()

    private final class State: Sendable {
        let isRunning = Atomic(true)
        let peak = Atomic(0)
    }

    init() {
        let context = Unmanaged.passRetained(state).toOpaque()
        pthread_create(
            &thread, nil,
            { context in
                let state = Unmanaged<State>.fromOpaque(context!).takeRetainedValue()
                while state.isRunning.load(ordering: .relaxed) {
                    let anonymous = Meter.anonymousBytes()
                    if anonymous > state.peak.load(ordering: .relaxed) {
                        state.peak.store(anonymous, ordering: .relaxed)
                    }
                    usleep(5000)
                }
                return nil
            }, context)
    }

    /// The cost until now.
    func stop() -> Cost {
        let cpu = Meter.cpuSeconds() - cpuAtStart
        let wall = start.duration(to: .now) / .seconds(1)
        let now = Meter.anonymousBytes()
        state.isRunning.store(false, ordering: .relaxed)
        pthread_join(thread, nil)
        return Cost(
            cpuSeconds: cpu, wallSeconds: wall, peakAnonymousBytes: max(now, state.peak.load(ordering: .relaxed)))
    }

    private static func cpuSeconds() -> Double {
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        var sum = 0.0
        for who in [RUSAGE_SELF, RUSAGE_CHILDREN] {
            var usage = rusage()
            getrusage(who.rawValue, &usage)
            sum += seconds(usage.ru_utime) + seconds(usage.ru_stime)
        }
        return sum
    }

    private static func anonymousBytes() -> Int {
        let lines = (text(ofSmallFile: "/proc/self/status") ?? "").split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("RssAnon:") }) else { return 0 }
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }
}

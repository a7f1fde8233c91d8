import Glibc
import Synchronization

/// How often the user (or the system) asked sprof to stop.
private let stopRequestCount = Atomic<Int>(0)
private let lastStopSignal = Atomic<Int32>(0)

/// Turns Ctrl-C, SIGTERM and SIGHUP into a wish that the recording loop reads; the second one ends sprof at once.
enum StopSignals {
    /// Takes over the signals. A signal that the caller's shell told us to ignore (`nohup`) stays ignored.
    static func install() {
        _ = stopRequestCount.load(ordering: .relaxed)  // Globals are made on first use, which no handler may be.
        _ = lastStopSignal.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var old = sigaction()
            guard unsafe sigaction(number, nil, &old) == 0 else { continue }
            if number == SIGHUP, unsafe unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) == 1 {
                continue
            }
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { number in
                lastStopSignal.store(number, ordering: .relaxed)
                if stopRequestCount.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { _exit(128 + number) }
            }
            unsafe sigaction(number, &action, nil)
        }
        // A reader of `-o -` that goes away is an error of a write, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
    }

    /// The signal that asked for the end, if one did.
    static var received: Int32? {
        stopRequestCount.load(ordering: .relaxed) > 0 ? lastStopSignal.load(ordering: .relaxed) : nil
    }
}

import Dispatch
import Primitives
import Synchronization

/// Work that cannot be interrupted, such as compression by a library: when nobody waits for it any more, it is left to itself.
enum AbandonableWork {
    /// What `work` comes to; nil if it is cancelled. It then goes on on a thread of its own until its end, and what it comes to is
    /// dropped.
    static func run<Result: Sendable>(
        unless cancellation: Cancellation, _ work: @escaping @Sendable () -> Result
    ) -> Result? {
        guard cancellation.isPossible else { return work() }
        if cancellation.isRequested { return nil }
        let slot = Slot<Result>()
        let end = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            let result = work()
            slot.value.withLock { $0 = result }
            end.signal()
        }
        while end.wait(timeout: .now() + .milliseconds(20)) == .timedOut {
            if cancellation.isRequested { return nil }
        }
        return slot.value.withLock { $0 }
    }

    private final class Slot<Result: Sendable>: Sendable {
        let value = Mutex<Result?>(nil)
    }
}

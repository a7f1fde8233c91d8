internal import Glibc

/// Puts the thread that empties the rings before the threads that it samples, where the user may do that.
///
/// On busy CPUs the reader would else wait for its turn while the rings overflow. It needs little time, and little more
/// for having it at once. Of unprivileged users nothing changes.
struct ReaderPriority {
    private static let raised: Int32 = -15
    private let original: Int32

    /// Raises the priority of the calling thread (on Linux, niceness belongs to the thread: setpriority(2)).
    init() {
        original = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
        if original > Self.raised { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.raised) }
    }

    /// Back to what it was, so that processes started from now on do not inherit it.
    func restore() {
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, original)
    }
}

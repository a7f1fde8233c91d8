import Glibc
import Synchronization

/// Whether Ctrl-C was typed since somebody asked.
private let isRequested = Atomic<Bool>(false)

/// Ctrl-C in a shell: it ends the line that is typed, or the report that is written, and not the shell.
public enum ShellInterrupts {
    /// Takes the signal over. Without SA_RESTART, so that waiting for a key ends; libedit's `readline` then returns nothing.
    public static func install() {
        _ = isRequested.load(ordering: .relaxed)  // Globals are made on first use, which no handler may be.
        var action = sigaction()
        unsafe action.__sigaction_handler.sa_handler = { _ in isRequested.store(true, ordering: .relaxed) }
        unsafe _ = sigaction(SIGINT, &action, nil)
    }

    /// Whether it was typed, which then is forgotten.
    static func take() -> Bool { isRequested.exchange(false, ordering: .relaxed) }

    /// Whether it was typed.
    static var isPending: Bool { isRequested.load(ordering: .relaxed) }
}

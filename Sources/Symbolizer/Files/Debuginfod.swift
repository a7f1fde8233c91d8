import Glibc
import Primitives

/// Debug files from debuginfod servers, through libdebuginfod where that is installed.
///
/// The library is loaded at run time only: it brings a network stack along, which hardly anyone needs here. All fetches
/// for one binary share one time budget.
final class Debuginfod {
    /// An answer, or why there is none.
    enum Answer: ~Copyable {
        case success(FileDescriptor)
        case failure(String)
    }

    private typealias Begin = @convention(c) () -> OpaquePointer?
    private typealias End = @convention(c) (OpaquePointer?) -> Void
    private typealias Progress = @convention(c) (OpaquePointer?, Int, Int) -> Int32
    private typealias SetProgress = @convention(c) (OpaquePointer?, Progress?) -> Void
    private typealias Find =
        @convention(c) (
            OpaquePointer?, UnsafePointer<UInt8>?, Int32, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        ) -> Int32

    private let budgetSeconds: Int
    private var spent = Duration.zero

    /// A client that may take `budgetSeconds` in all.
    init(budgetSeconds: Int) {
        self.budgetSeconds = max(budgetSeconds, 0)
    }

    /// Asks for the debug information of the file with `buildID`.
    ///
    /// The limits of the user's environment hold where they are tighter than what is left of the budget.
    func find(_ buildID: BuildID) -> Answer {
        guard unsafe getenv("DEBUGINFOD_URLS") != nil else { return .failure("DEBUGINFOD_URLS is not set") }
        guard !isSpent else { return .failure(tooLong) }
        let left = .seconds(budgetSeconds) - spent
        guard let library = unsafe dlopen("libdebuginfod.so.1", RTLD_NOW) else {
            return .failure("libdebuginfod.so.1 is not installed")
        }
        guard let begin = unsafe dlsym(library, "debuginfod_begin"), let end = unsafe dlsym(library, "debuginfod_end"),
            let find = unsafe dlsym(library, "debuginfod_find_debuginfo"),
            let setProgress = unsafe dlsym(library, "debuginfod_set_progressfn")
        else { return .failure("libdebuginfod.so.1 lacks functions") }
        let seconds = max(1, Int(left.components.seconds))
        for name in ["DEBUGINFOD_TIMEOUT", "DEBUGINFOD_MAXTIME"] { Self.lower(name, to: seconds) }
        let client = unsafe unsafeBitCast(begin, to: Begin.self)()
        defer { unsafe unsafeBitCast(end, to: End.self)(client) }
        guard unsafe client != nil else { return .failure("no client") }
        let start = ContinuousClock.now
        unsafe debuginfodDeadline = start + left
        // The library looks at its limits between steps only; it asks this function all along.
        unsafe unsafeBitCast(setProgress, to: SetProgress.self)(client) { _, _, _ in
            unsafe ContinuousClock.now < debuginfodDeadline ? 0 : 1
        }
        let result = unsafe buildID.bytes.withUnsafeBufferPointer { bytes in
            unsafe unsafeBitCast(find, to: Find.self)(client, bytes.baseAddress, Int32(bytes.count), nil)
        }
        spent += start.duration(to: .now)
        if result >= 0 { return .success(FileDescriptor(owning: result)) }
        // Asked for first: a server that did not answer in time can come out as one that lacks the file.
        if isSpent { return .failure(tooLong) }
        switch -result {
        case ENOENT: return .failure("no server has it")
        case ETIME, ETIMEDOUT: return .failure(tooLong)
        default: return .failure(describeErrno(-result))
        }
    }

    /// Whether too little of the budget is left to try; the library ends a little before its limit.
    private var isSpent: Bool { spent + .milliseconds(250) >= .seconds(budgetSeconds) }

    private var tooLong: String { "given up after \(budgetSeconds) s, the limit for one file" }

    /// Sets a limit of the library, unless the environment has a lower one.
    private static func lower(_ name: String, to seconds: Int) {
        if let text = unsafe getenv(name), let old = unsafe Int(String(cString: text)), old > 0, old <= seconds {
            return
        }
        unsafe setenv(name, String(seconds), 1)
    }
}

/// When the running fetch is to be given up. A C function pointer cannot capture, and a worker fetches one file at a time,
/// on one thread.
private nonisolated(unsafe) var debuginfodDeadline = ContinuousClock.now

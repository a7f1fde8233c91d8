internal import Primitives
internal import Synchronization
internal import TargetFiles

/// The memory of a process, read while it runs (proc_pid_mem(5)); for the few bytes around addresses in code that was made
/// at run time.
///
/// A process can make its memory wait for whom it likes (userfaultfd(2), a mapped file), so it is read like a file.
final class ProcessMemory: Sendable {
    private enum State {
        case unopened, unreadable
        case open(TargetFile)
    }

    private let process: ProcessID
    private let patience: Patience
    private let state = Mutex(State.unopened)

    init(of process: ProcessID, patience: Patience) {
        self.process = process
        self.patience = patience
    }

    /// At most `count` bytes from `address` on; fewer, or none, where they cannot be read.
    func bytes(at address: Address, count: Int) -> [UInt8] {
        guard Int64(exactly: address.value) != nil, let file else { return [] }
        return (try? file.read(at: FileOffset(address.value), count: count)) ?? []
    }

    private var file: TargetFile? {
        state.withLock { state in
            if case .unopened = state {
                state = open().map { .open($0) } ?? .unreadable
            }
            if case .open(let file) = state { return file }
            return nil
        }
    }

    /// Opened by sprof itself, who may trace its children where others may not (Yama).
    private func open() -> TargetFile? {
        let path = "/proc/\(process)/mem"
        guard let memory = try? FileDescriptor(opening: path) else { return nil }
        return try? TargetFile(sharing: memory, path: path, patience: patience)
    }
}

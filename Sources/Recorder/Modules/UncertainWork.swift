internal import Glibc
internal import Primitives
internal import Synchronization

/// Work that may never end: opening files of strangers, which may lie on a file system that does not answer (a network's whose
/// server is down, or a FUSE file system of the sampled program's own).
///
/// O_NONBLOCK changes nothing there, and a thread that waits in the kernel cannot be stopped. It is given up.
enum UncertainWork {
    /// What `work` gives on a thread of its own; nil if that takes longer than `milliseconds`. The thread then lives on until
    /// the file system answers or sprof ends, and what it comes to is dropped.
    static func run<Result: Sendable>(milliseconds: Int32, _ work: @escaping @Sendable () -> Result) -> Result? {
        guard let end = try? End() else { return work() }
        let slot = Slot<Result>()
        let job = Job {
            let result = work()
            slot.value.withLock { $0 = result }
            end.reach()
        }
        // The thread's, which takes it over.
        let context = unsafe Unmanaged.passRetained(job)
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Job>.fromOpaque(context).takeRetainedValue().body()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            unsafe context.release()
            return work()
        }
        _ = pthread_detach(thread)
        end.wait(milliseconds: milliseconds)
        return slot.value.withLock { $0 }
    }

    private final class Job: Sendable {
        let body: @Sendable () -> Void
        init(body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private final class Slot<Result: Sendable>: Sendable {
        let value = Mutex<Result?>(nil)
    }

    /// A pipe that becomes readable at the end of the work; closed when neither side needs it any more.
    private final class End: Sendable {
        private let reading: FileDescriptor
        private let writing: FileDescriptor

        init() throws(SystemError) {
            var ends: [Int32] = [0, 0]
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
                throw .last("socketpair")
            }
            reading = FileDescriptor(owning: ends[0])
            writing = FileDescriptor(owning: ends[1])
        }

        func reach() {
            let byte: [UInt8] = [0]
            try? writing.write(byte.rawSpan)
        }

        func wait(milliseconds: Int32) {
            var request = pollfd(fd: reading.raw, events: Int16(POLLIN), revents: 0)
            _ = retryOnInterrupt { unsafe poll(&request, 1, milliseconds) }
        }
    }
}

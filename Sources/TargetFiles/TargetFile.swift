internal import CLinux
public import Glibc
public import Primitives
internal import Synchronization

/// A regular file of a sampled process, which may lie on a file system that does not answer, or no longer: a network's whose
/// server is gone, or a FUSE file system of the process's own.
///
/// Nothing here waits longer than a ``Patience``, whether at once or summed up; a fiftieth of the time that passes is given back,
/// so that hours of short waits come to nothing. Then the file is given up: it fails with ETIMEDOUT at once from then on. What waits in our stead is another process (``ErrandRunner``), since O_NONBLOCK changes
/// nothing for regular files, and a thread that waits in the kernel, or a descriptor to be closed, could keep sprof from
/// ending.
///
/// Where the kernel can tell what it has in memory (RWF_NOWAIT of preadv2(2): the file systems on disks and in memory, neither
/// FUSE nor NFS), that is read without asking the other process, which else costs 5 to 10 µs.
public final class TargetFile: Sendable {
    /// What fstat(2) said when it was opened.
    public let status: stat
    /// For messages.
    public let path: String

    /// Among the descriptors of the runners.
    private let number: Int32
    /// The same file among our own, if reading what is in memory, and closing, never waits; owned.
    private let here: Int32?
    private let patience: Patience
    private let budget: Mutex<Budget>
    private let hasGivenUp = Atomic(false)

    /// How long the file may still be waited for, and when that was so.
    private struct Budget {
        var leftNanoseconds: Int64
        var atNanoseconds: UInt64

        mutating func refill(upTo limit: Int64, at now: UInt64) {
            leftNanoseconds = min(limit, leftNanoseconds + Int64(clamping: (now - min(now, atNanoseconds)) / 50))
            atNanoseconds = now
        }
    }

    /// Opens the file at `path`: as seen in the root folder `root`, out of which no link leads, or, if that is nil, as seen by
    /// sprof. What is no regular file, or not `accepted`, is refused with `EINVAL`.
    ///
    /// - Parameter followsLink: whether a symbolic link at the end of the path is followed.
    public init(
        opening path: String, below root: String? = nil, followsLink: Bool = true, patience: Patience,
        accepted: (stat) -> Bool = { _ in true }
    ) throws(SystemError) {
        self.path = path
        self.patience = patience
        let milliseconds = patience.milliseconds(on: nil)
        let start = Clock.monotonicNanoseconds
        do throws(SystemError) {
            let opened = try Errands.shared.run(milliseconds: milliseconds) {
                errand, runner throws(SystemError) in
                try Self.open(path, root, followsLink, accepted, &errand, runner)
            }
            status = opened.status
            number = opened.number
            here = opened.here
        } catch {
            if error.code == ETIMEDOUT { patience.noteSilence(on: nil) }
            throw error
        }
        let now = Clock.monotonicNanoseconds
        let left = Int64(patience.milliseconds(on: UInt64(status.st_dev))) * 1_000_000 - Int64(clamping: now - start)
        budget = Mutex(Budget(leftNanoseconds: left, atNanoseconds: now))
    }

    /// What `descriptor` is open for, reading which may wait: the memory of a process.
    public init(sharing descriptor: borrowing FileDescriptor, path: String, patience: Patience) throws(SystemError) {
        self.path = path
        self.patience = patience
        status = try descriptor.status()
        let copy = try descriptor.duplicate()
        number = try Errands.shared.run(milliseconds: 2_000) { _, runner throws(SystemError) in
            try runner.accept(copy)
        }
        here = nil
        let left = Int64(patience.milliseconds(on: UInt64(status.st_dev))) * 1_000_000
        budget = Mutex(Budget(leftNanoseconds: left, atNanoseconds: Clock.monotonicNanoseconds))
    }

    deinit {
        // What may wait is left to the end of the runners once something did.
        if let here { _ = close(here) } else if patience.hasMetSilence { return }
        let number = number
        do throws(SystemError) {
            _ = try Errands.shared.run(milliseconds: 200) { errand, _ throws(SystemError) in
                try errand.call(SYS_close, UInt(number), for: "close")
            }
        } catch {
            if error.code == ETIMEDOUT { patience.noteSilence(on: UInt64(status.st_dev)) }
        }
    }

    /// The CPU time of the processes that waited, which is none of our own.
    public static var waitingCPUNanoseconds: UInt64 { Errands.shared.cpuNanoseconds }

    /// Whether the file has been given up.
    public var isGivenUp: Bool { hasGivenUp.load(ordering: .relaxed) }

    /// Up to `count` bytes from `offset`; fewer only at the end of the file.
    public func read(at offset: FileOffset, count: Int) throws(SystemError) -> [UInt8] {
        guard count > 0, let start = off_t(exactly: offset.value), start <= off_t.max - off_t(count) else { return [] }
        try checkPatience()
        var failure: SystemError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let target = UnsafeMutableRawBufferPointer(buffer)
            do throws(SystemError) {
                filled = unsafe try read(at: UInt64(start), into: target)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The file's size now.
    public func byteCount() throws(SystemError) -> UInt64 {
        UInt64(max(0, try presentStatus().st_size))
    }

    /// Whether the file has been written to since it was opened, as far as can be told.
    public var hasChanged: Bool {
        guard let now = try? presentStatus() else { return false }
        return now.st_size != status.st_size || now.st_mtim.tv_sec != status.st_mtim.tv_sec
            || now.st_mtim.tv_nsec != status.st_mtim.tv_nsec
    }

    private func presentStatus() throws(SystemError) -> stat {
        try checkPatience()
        // What never waits to be read has its size in memory, too.
        if let here {
            var status = stat()
            guard unsafe fstat(here, &status) == 0 else { throw .last("fstat") }
            return status
        }
        let number = number
        return try wait { errand throws(SystemError) in try errand.status(number) }
    }

    /// Sends `byte` with the file beside it over a socket (SCM_RIGHTS).
    public func send(with byte: UInt8, over socket: borrowing FileDescriptor) throws(SystemError) {
        try checkPatience()
        var byte = byte
        if let here {
            guard unsafe sprof_send(socket.raw, &byte, 1, here, 0) == 1 else { throw .last("sendmsg") }
            return
        }
        let number = number
        let copy = try socket.duplicate()
        try Errands.shared.run(milliseconds: 2_000) { errand, runner throws(SystemError) in
            let theirs = try runner.accept(copy)
            defer { errand.close(theirs) }
            try errand.send(number, with: byte, over: theirs)
        }
    }

    // MARK: Waiting

    private func checkPatience() throws(SystemError) {
        if isGivenUp { throw SystemError(code: ETIMEDOUT, operation: "read \(path)") }
    }

    /// Reads what is in memory at once, and waits for the rest.
    private func read(at start: UInt64, into target: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        var filled = 0
        while let here, filled < target.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[filled...])
            let got = retryOnInterrupt {
                unsafe sprof_read_at_once(here, rest.baseAddress, rest.count, off_t(start) + off_t(filled))
            }
            if got == 0 { return filled }
            guard got > 0 else { break }
            filled += got
        }
        while filled < target.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[filled...])
            let (number, position) = (number, start + UInt64(filled))
            let got = try wait { errand throws(SystemError) in
                unsafe try errand.read(number, at: position, into: rest)
            }
            if got == 0 { break }
            filled += got
        }
        return filled
    }

    /// What `body` gives; counts its time, and gives the file up when it has none left.
    private func wait<Result>(
        _ body: (inout Errand) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        let device = UInt64(status.st_dev)
        let limit = Int64(patience.milliseconds(on: device)) * 1_000_000
        let start = Clock.monotonicNanoseconds
        let left = budget.withLock { budget in
            budget.refill(upTo: limit, at: start)
            return budget.leftNanoseconds
        }
        defer {
            let now = Clock.monotonicNanoseconds
            budget.withLock { budget in
                budget.leftNanoseconds -= Int64(clamping: now - start)
                budget.atNanoseconds = now
            }
        }
        do throws(SystemError) {
            let milliseconds = Int32(clamping: (left + 999_999) / 1_000_000)
            return try Errands.shared.run(milliseconds: milliseconds) { errand, _ throws(SystemError) in
                try body(&errand)
            }
        } catch {
            if error.code == ETIMEDOUT {
                patience.noteSilence(on: device)
                hasGivenUp.store(true, ordering: .relaxed)
            }
            throw error
        }
    }

    // MARK: Opening

    private struct Opened {
        var status: stat
        var number: Int32
        var here: Int32?
    }

    private static func open(
        _ path: String, _ root: String?, _ followsLink: Bool, _ accepted: (stat) -> Bool, _ errand: inout Errand,
        _ runner: ErrandRunner
    ) throws(SystemError) -> Opened {
        // Looked at first: to open a device is what could do something already.
        let flags = FileDescriptor.pathOnly | (followsLink ? 0 : O_NOFOLLOW)
        let found: Int32
        if let root {
            let folder = try errand.open(root, FileDescriptor.pathOnly | O_DIRECTORY)
            defer { errand.close(folder) }
            found = try errand.openBelow(folder, path, flags)
        } else {
            found = try errand.open(path, flags)
        }
        defer { errand.close(found) }
        let status = try errand.status(found)
        guard status.st_mode & S_IFMT == S_IFREG, accepted(status) else {
            throw SystemError(code: EINVAL, operation: "open \(path), which is not a regular file of the right owner")
        }
        // A process may always follow its own descriptors (proc_pid_fd(5)).
        let number: Int32
        do throws(SystemError) {
            number = try errand.open("/proc/self/fd/\(found)", O_RDONLY | O_NONBLOCK | O_NOCTTY)
        } catch {
            throw SystemError(code: error.code, operation: "open \(path)")
        }
        return Opened(
            status: status, number: number,
            here: try errand.canReadAtOnce(number) ? copyHere(number, &errand, runner) : nil)
    }

    /// The file of the runner's descriptor `number`, among our own; nil if few numbers are left: the workers that look names up
    /// need some.
    private static func copyHere(_ number: Int32, _ errand: inout Errand, _ runner: ErrandRunner) -> Int32? {
        guard let copy = errand.copyHere(number, from: runner), copy.raw < FileLimit.current - 64 else { return nil }
        return copy.release()
    }
}

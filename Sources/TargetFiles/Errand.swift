internal import CLinux
internal import Glibc
internal import Primitives

/// Some system calls, one after the other, that may take so long altogether and are given up else.
struct Errand: ~Copyable {
    private let runner: ErrandRunner
    private let deadlineNanoseconds: UInt64
    /// A call did not come back: the runner is lost.
    private(set) var isGivenUp = false
    /// How much of the runner's buffer is taken.
    private var usedByteCount = 0

    /// The most that one call reads.
    static let readByteCount = 1 << 17

    init(_ runner: ErrandRunner, milliseconds: Int32) {
        self.runner = runner
        deadlineNanoseconds = Clock.monotonicNanoseconds + UInt64(max(milliseconds, 0)) * 1_000_000
    }

    /// What the call returned; its error, or ETIMEDOUT if the time is over.
    @discardableResult
    mutating func call(
        _ number: Int32, _ arguments: UInt..., for operation: @autoclosure () -> String
    ) throws(SystemError) -> Int {
        guard let left = millisecondsLeft else { throw SystemError(code: ETIMEDOUT, operation: operation()) }
        runner.begin(Int(number), arguments)
        guard let result = runner.result(within: left) else {
            isGivenUp = true
            throw SystemError(code: ETIMEDOUT, operation: operation())
        }
        guard result >= 0 else { throw SystemError(code: Int32(clamping: -result), operation: operation()) }
        return result
    }

    /// The time that is left, more than none; nil when it is over or a call has not come back.
    private var millisecondsLeft: Int32? {
        let now = Clock.monotonicNanoseconds
        guard !isGivenUp, now < deadlineNanoseconds else { return nil }
        return Int32(clamping: (deadlineNanoseconds - now + 999_999) / 1_000_000)
    }

    // MARK: What the calls take

    /// Where `text` is, ended by a zero, until something is read.
    mutating func place(_ text: String) throws(SystemError) -> UInt {
        let bytes = Array(text.utf8)
        guard bytes.count < Int(PATH_MAX) else { throw SystemError(code: ENAMETOOLONG, operation: "open " + text) }
        return try place(bytes + [0])
    }

    /// Where a copy of `bytes` is, at a multiple of 16.
    mutating func place(_ bytes: [UInt8]) throws(SystemError) -> UInt {
        let start = try reserve(bytes.count)
        unsafe UnsafeMutableRawBufferPointer(rebasing: runner.buffer[start...]).copyBytes(from: bytes)
        return unsafe UInt(bitPattern: runner.buffer.baseAddress) + UInt(start)
    }

    private mutating func reserve(_ byteCount: Int) throws(SystemError) -> Int {
        let start = usedByteCount
        let room = unsafe runner.buffer.count
        guard byteCount <= room - start else { throw SystemError(code: ENOMEM, operation: "open") }
        usedByteCount = min((start + byteCount + 15) & ~15, room)
        return start
    }

    // MARK: Calls

    /// Opens `path`, from the folder `folder` unless it is absolute (openat(2)); the number of the descriptor.
    mutating func open(_ path: String, from folder: Int32 = AT_FDCWD, _ flags: Int32) throws(SystemError) -> Int32 {
        let place = try place(path)
        let flags = UInt(flags | O_CLOEXEC)
        return Int32(
            truncatingIfNeeded: try call(
                SYS_openat, UInt(bitPattern: Int(folder)), place, flags, for: "open " + path))
    }

    /// Opens `path` as if `folder` were the root directory: neither a symbolic link nor `..` leads out of it.
    ///
    /// Where the kernel (before 5.6) or a container's filter does not know openat2(2), no symbolic link is followed at all.
    mutating func openBelow(_ folder: Int32, _ path: String, _ flags: Int32) throws(SystemError) -> Int32 {
        do throws(SystemError) {
            return try open(path, inRoot: folder, flags)
        } catch {
            guard error.code == ENOSYS || error.code == EPERM else { throw error }
        }
        var folders: [Int32] = []
        defer { for folder in folders { close(folder) } }
        let parts = path.split(separator: "/").filter { $0 != "." }
        guard let last = parts.last, !parts.contains("..") else {
            throw SystemError(code: ENOENT, operation: "open " + path)
        }
        for part in parts.dropLast() {
            folders.append(
                try open(
                    String(part), from: folders.last ?? folder, FileDescriptor.pathOnly | O_DIRECTORY | O_NOFOLLOW))
        }
        return try open(String(last), from: folders.last ?? folder, flags | O_NOFOLLOW)
    }

    private mutating func open(_ path: String, inRoot folder: Int32, _ flags: Int32) throws(SystemError) -> Int32 {
        let place = try place(path)
        // struct open_how: flags, mode, resolve; RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS.
        let how = try self.place([UInt64(flags | O_CLOEXEC), 0, 0x12].flatMap(Self.bytes))
        return Int32(
            truncatingIfNeeded: try call(SYS_openat2, UInt(folder), place, how, 24, for: "open " + path))
    }

    /// What fstat(2) says.
    mutating func status(_ descriptor: Int32) throws(SystemError) -> stat {
        let start = try reserve(MemoryLayout<stat>.size)
        let place = unsafe UInt(bitPattern: runner.buffer.baseAddress) + UInt(start)
        try call(SYS_fstat, UInt(descriptor), place, for: "fstat")
        // The kernel has written one there, which is a structure of integers.
        return unsafe runner.buffer.load(fromByteOffset: start, as: stat.self)
    }

    /// At most `target.count` bytes from `offset` into `target`; how many there were. Overwrites what was placed.
    mutating func read(
        _ descriptor: Int32, at offset: UInt64, into target: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        let wanted = min(target.count, Self.readByteCount)
        let place = unsafe UInt(bitPattern: runner.buffer.baseAddress)
        let count = try call(
            SYS_pread64, UInt(descriptor), place, UInt(wanted), UInt(offset), for: "read")
        unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: runner.buffer[..<min(count, wanted)]))
        return count
    }

    /// Closes what was opened.
    mutating func close(_ descriptor: Int32) {
        _ = try? call(SYS_close, UInt(descriptor), for: "close")
    }

    /// Whether the file system can tell what of the file is in memory.
    mutating func canReadAtOnce(_ descriptor: Int32) throws(SystemError) -> Bool {
        let byte = try place([0])
        let part = try place([UInt64(byte), 1].flatMap(Self.bytes))
        do throws(SystemError) {
            // The offset in two halves, of which machines of 64 bits take the first; RWF_NOWAIT.
            try call(SYS_preadv2, UInt(descriptor), part, 1, 0, 0, 8, for: "read")
            return true
        } catch {
            guard error.code != ETIMEDOUT else { throw error }
            return error.code == EAGAIN
        }
    }

    /// The file of a runner's `descriptor`, here; nil if it cannot be had.
    mutating func copyHere(_ descriptor: Int32, from runner: ErrandRunner) -> FileDescriptor? {
        guard runner.isElsewhere else {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            return copy < 0 ? nil : FileDescriptor(owning: copy)
        }
        guard let message = try? placeMessage(with: descriptor), let left = millisecondsLeft else { return nil }
        runner.begin(Int(SYS_sendmsg), [UInt(runner.socketOfRunner), message, UInt(MSG_NOSIGNAL)])
        let copy = runner.receivedDescriptor(within: left)
        guard runner.result(within: left) != nil else {
            isGivenUp = true
            return nil
        }
        return copy
    }

    /// Sends `byte` and `descriptor` over a socket of the runner.
    mutating func send(_ descriptor: Int32, with byte: UInt8, over socket: Int32) throws(SystemError) {
        let message = try placeMessage(with: descriptor, byte)
        try call(
            SYS_sendmsg, UInt(socket), message, UInt(MSG_NOSIGNAL | MSG_DONTWAIT), for: "sendmsg")
    }

    private mutating func placeMessage(with descriptor: Int32, _ byte: UInt8 = 0) throws(SystemError) -> UInt {
        let start = try reserve(MemoryLayout<sprof_message>.size)
        let place = unsafe runner.buffer.baseAddress.unsafelyUnwrapped + start
        let message = unsafe place.bindMemory(to: sprof_message.self, capacity: 1)
        unsafe sprof_message_prepare(message, CChar(bitPattern: byte), descriptor)
        return UInt(bitPattern: message)
    }

    private static func bytes(_ word: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * UInt64($0))) }
    }
}

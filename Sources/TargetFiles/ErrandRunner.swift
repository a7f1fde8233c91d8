internal import CLinux
internal import Glibc
internal import Primitives

/// A process that makes system calls for this one, which can give it up when a call does not come back.
///
/// Its memory, into which the kernel may write late, stays as long as this process.
///
/// Sendable, as it is used under the lock of ``Errands`` only.
@safe
final class ErrandRunner: @unchecked Sendable {
    /// What the calls read and write, and the strings and structures that they take.
    let buffer: UnsafeMutableRawBufferPointer

    private let errand: UnsafeMutablePointer<sprof_errand>
    private let stackEnd: UnsafeMutableRawPointer
    /// Our end of its socket, owned; nil when there is no other process and the calls are made by this one.
    private let socket: Int32?
    /// The process's number; nil when there is none.
    private(set) var process: ProcessID?

    private static let stackByteCount = 1 << 16
    private static let errandByteCount = 1 << 12
    private static let bufferByteCount = 1 << 18
    /// How long what waits for no file may take, on the busiest of machines.
    private static let startMilliseconds: Int32 = 10_000

    /// The first, whose descriptors all others have. It only starts these, and so is never lost.
    convenience init() throws(SystemError) {
        let ends = try Self.socketPair()
        let theirs = FileDescriptor(owning: ends.theirs)
        try self.init(socket: ends.ours, socketOfRunner: theirs.raw)
        try setProcess(unsafe Int(sprof_errand_start(errand, stackEnd)))
    }

    /// One more, started by `first`.
    convenience init(by first: ErrandRunner) throws(SystemError) {
        let ends = try Self.socketPair()
        let theirs = FileDescriptor(owning: ends.theirs)
        let ours = FileDescriptor(owning: ends.ours)
        let number = try first.accept(theirs)
        try self.init(socket: ours.release(), socketOfRunner: number)
        first.begin(Int(SPROF_ERRAND_START), unsafe [UInt(bitPattern: errand), UInt(bitPattern: stackEnd)])
        try setProcess(first.result(within: Self.startMilliseconds) ?? -Int(ETIMEDOUT))
    }

    /// None: the calls are made by this process, where another one is refused.
    static func here() throws(SystemError) -> ErrandRunner {
        try ErrandRunner(socket: nil, socketOfRunner: -1)
    }

    private init(socket: Int32?, socketOfRunner: Int32) throws(SystemError) {
        let byteCount = Self.stackByteCount + Self.errandByteCount + Self.bufferByteCount
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let memory = unsafe mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0),
            unsafe memory != MAP_FAILED
        else { throw .last("mmap") }
        self.socket = socket
        let end = unsafe memory + Self.stackByteCount
        unsafe stackEnd = end
        unsafe errand = end.bindMemory(to: sprof_errand.self, capacity: 1)
        unsafe buffer = UnsafeMutableRawBufferPointer(start: end + Self.errandByteCount, count: Self.bufferByteCount)
        unsafe errand.initialize(to: sprof_errand())
        unsafe errand.pointee.socket = socketOfRunner
    }

    deinit {
        // The end of its socket ends the process, as soon as its call has come back.
        if let socket { _ = close(socket) }
    }

    private func setProcess(_ result: Int) throws(SystemError) {
        guard result > 0 else { throw SystemError(code: Int32(clamping: -result), operation: "clone") }
        process = ProcessID(Int32(clamping: result))
    }

    /// Whether another process makes the calls.
    var isElsewhere: Bool { socket != nil }

    /// Orders a call.
    func begin(_ number: Int, _ arguments: [UInt]) {
        unsafe errand.pointee.number = number
        unsafe withUnsafeMutableBytes(of: &errand.pointee.arguments) { words in
            for (index, argument) in arguments.prefix(6).enumerated() {
                unsafe words.storeBytes(of: argument, toByteOffset: index * 8, as: UInt.self)
            }
        }
        guard let socket else { return unsafe sprof_errand_run(errand) }
        var byte: UInt8 = 0
        // Only a runner that ended by itself, which none does, would not take it; its result does not come then.
        _ = retryOnInterrupt { unsafe sprof_send(socket, &byte, 1, -1, 0) }
    }

    /// What the call returned, an error as a negative number; nil if that takes longer.
    func result(within milliseconds: Int32) -> Int? {
        guard socket == nil || takeByte(milliseconds) != nil else { return nil }
        return unsafe errand.pointee.result
    }

    /// The descriptor, now of this process, that the call is to have sent over its socket; before ``result(within:)``.
    func receivedDescriptor(within milliseconds: Int32) -> FileDescriptor? {
        guard let number = takeByte(milliseconds), number >= 0 else { return nil }
        return FileDescriptor(owning: number)
    }

    /// Gives the runners a copy of `descriptor`; its number there.
    func accept(_ descriptor: borrowing FileDescriptor) throws(SystemError) -> Int32 {
        guard let socket else { return try descriptor.duplicate().release() }
        let message = unsafe buffer.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: sprof_message.self)
        unsafe sprof_message_prepare(message, 0, -1)
        let own = unsafe errand.pointee.socket
        begin(Int(SYS_recvmsg), [UInt(own), UInt(bitPattern: message), UInt(MSG_CMSG_CLOEXEC)])
        var byte: UInt8 = 0
        guard unsafe sprof_send(socket, &byte, 1, descriptor.raw, 0) == 1 else { throw .last("sendmsg") }
        guard let count = result(within: Self.startMilliseconds), count == 1 else {
            throw SystemError(code: ETIMEDOUT, operation: "recvmsg")
        }
        let number = unsafe sprof_message_descriptor(message)
        guard number >= 0 else { throw SystemError(code: EMFILE, operation: "recvmsg") }
        return number
    }

    /// The runner's own end of the socket to this process, for calls that send something.
    var socketOfRunner: Int32 { unsafe errand.pointee.socket }

    /// Takes the byte that the runner sends; the descriptor beside it, -1 for none. Nil if it does not come.
    private func takeByte(_ milliseconds: Int32) -> Int32? {
        guard let socket else { return nil }
        let deadline = Clock.monotonicNanoseconds + UInt64(max(milliseconds, 0)) * 1_000_000
        var left = milliseconds
        while true {
            var request = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            let ready = unsafe poll(&request, 1, left)
            if ready > 0 { break }
            guard ready < 0, errno == EINTR else { return nil }
            let now = Clock.monotonicNanoseconds
            guard now < deadline else { return nil }
            left = Int32((deadline - now + 999_999) / 1_000_000)
        }
        var byte: UInt8 = 0
        var descriptor: Int32 = -1
        let count = retryOnInterrupt { unsafe sprof_receive(socket, &byte, 1, &descriptor) }
        return count == 1 ? descriptor : nil
    }

    private static func socketPair() throws(SystemError) -> (ours: Int32, theirs: Int32) {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .last("socketpair") }
        return (ends[0], ends[1])
    }
}

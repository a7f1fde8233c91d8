internal import CLinux
internal import Glibc
internal import Primitives
internal import TargetFiles

/// One request to one worker, from its first byte to the answer's last, without ever waiting.
struct WorkerConversation {
    /// How far it is.
    enum Progress {
        /// Wait until the socket is ready for `events`.
        case waiting
        /// The answer's bytes are here.
        case answered([UInt8])
        /// The file cannot be sent.
        case unsendable(SystemError)
        /// The other end is gone.
        case ended
        /// What comes is no answer: too long, or more than one.
        case invalid
    }

    /// Which of the requests it is about.
    let work: Int
    let effort: SymbolizeEffort
    /// When the worker's time is over, on the monotonic clock.
    let deadline: ContinuousClock.Instant
    private let message: [UInt8]
    /// Held until the descriptor is sent.
    private let file: OpenFile?
    /// A file of a sampled process in its stead.
    private let target: TargetFile?
    private var sent = 0
    private var received: [UInt8] = []
    private let answerByteLimit: Int

    init(
        work: Int, effort: SymbolizeEffort, deadline: ContinuousClock.Instant, message: [UInt8], file: OpenFile?,
        target: TargetFile?, answerByteLimit: Int
    ) {
        self.work = work
        self.effort = effort
        self.deadline = deadline
        self.message = message
        self.file = file
        self.target = target
        self.answerByteLimit = answerByteLimit
    }

    /// What poll(2) shall wait for.
    var events: Int16 { Int16(sent < message.count ? POLLIN | POLLOUT : POLLIN) }

    /// Sends and receives what the socket takes and has; `scratch` is where received bytes arrive first.
    mutating func step(_ socket: borrowing FileDescriptor, scratch: inout [UInt8]) -> Progress {
        let number = socket.raw
        if sent == 0, let target, let first = message.first {
            do throws(SystemError) {
                try target.send(with: first, over: socket)
                sent = 1
            } catch {
                return .unsendable(error)
            }
        }
        while sent < message.count {
            // The descriptor goes with the first byte.
            let descriptor = sent == 0 ? file?.descriptor.raw ?? -1 : -1
            let written = unsafe message.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
                return retryOnInterrupt { unsafe sprof_send(number, rest.baseAddress, rest.count, descriptor, 0) }
            }
            if written < 0 {
                if errno == EAGAIN { break }
                return .ended
            }
            sent += written
        }
        while true {
            let got = unsafe scratch.withUnsafeMutableBytes { bytes in
                retryOnInterrupt { unsafe read(number, bytes.baseAddress, bytes.count) }
            }
            if got < 0, errno == EAGAIN { return .waiting }
            if got <= 0 { return .ended }
            received += scratch[..<got]
            guard received.count >= 4 else { continue }
            let length = received[..<4].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
            // An answer before the whole request was read is none.
            guard length <= answerByteLimit, received.count <= length + 4, sent == message.count else {
                return .invalid
            }
            if received.count == length + 4 { return .answered(Array(received[4...])) }
        }
    }
}

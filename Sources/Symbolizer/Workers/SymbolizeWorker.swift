internal import CLinux
internal import Glibc
internal import Primitives

/// The first argument that makes sprof a worker.
public let symbolizeWorkerArgument = "symbolize-worker"

/// The descriptor that a worker's socket is at.
public let symbolizeWorkerSocket: Int32 = 3

/// Answers requests from `socket` until it is closed: the whole life of a worker process.
///
/// Takes the limits on first. What a file can do to it, ends or hangs this process, and whoever started it notices.
public func runSymbolizeWorker(socket: Int32) -> Never {
    WorkerLimits.enter()
    serveSymbolizeRequests(FileDescriptor(owning: socket)) { work in
        WorkerLimits.allow(cpuSeconds: UInt64(work.timeLimitSeconds) * 4)
        return answerSymbolizeRequest(work)
    }
    exit(0)
}

/// The loop of a worker: a request, `answer`, the answer; until the socket ends or what comes is no request.
func serveSymbolizeRequests(
    _ socket: consuming FileDescriptor, answer: (WorkerRequest) -> WorkerAnswer
) {
    while let request = receiveRequest(socket) {
        let tooLarge = WorkerAnswer.failure("\(request.request.path): the answer is too large")
        guard let bytes = answer(request).encoded() ?? tooLarge.encoded(), (try? socket.write(bytes.rawSpan)) != nil
        else { return }
    }
}

/// The next request; nil at the end of the socket.
private func receiveRequest(_ socket: borrowing FileDescriptor) -> WorkerRequest? {
    var file: OpenFile?
    guard let header = receive(4, socket, &file) else { return nil }
    let length = header.enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
    guard let bytes = receive(length, socket, &file) else { return nil }
    return try? WorkerRequest(decoding: bytes, file: file)
}

/// The next `count` bytes; nil if the socket ends before.
private func receive(_ count: Int, _ socket: borrowing FileDescriptor, _ file: inout OpenFile?) -> [UInt8]? {
    let number = socket.raw
    var descriptor: Int32 = -1
    var isComplete = true
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        while filled < count {
            let target = unsafe buffer.baseAddress.unsafelyUnwrapped + filled
            var received: Int32 = -1
            let got = retryOnInterrupt { unsafe sprof_receive(number, target, count - filled, &received) }
            if received >= 0 {
                if descriptor >= 0 { _ = close(descriptor) }
                descriptor = received
            }
            guard got > 0 else {
                isComplete = false
                return
            }
            filled += got
        }
    }
    if descriptor >= 0 { file = OpenFile(FileDescriptor(owning: descriptor)) }
    return isComplete ? bytes : nil
}

internal import CLinux
internal import Glibc
internal import Primitives

/// The first argument that makes sprof a worker.
public let symbolizeWorkerArgument = "symbolize-worker"

/// The descriptor that a worker's socket is at.
public let symbolizeWorkerSocket: Int32 = 3

/// Answers requests from `socket` until it is closed: the whole life of a worker.
///
/// A worker is two processes: this one becomes the broker, which may open files, and its child the decoder, which goes into
/// the sandbox and reads them. What a file can do, ends or hangs the decoder, and whoever started the worker notices.
public func runSymbolizeWorker(socket: Int32) -> Never {
    WorkerLimits.enter(closingFrom: UInt32(socket) + 1)
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { exit(1) }
    let broker = getpid()
    // This process has one thread.
    let child = sprof_fork()
    if child < 0 { exit(1) }
    if child > 0 {
        close(ends[1])
        WorkerBroker(
            pool: FileDescriptor(owning: socket), decoder: FileDescriptor(owning: ends[0]), decoderID: child
        ).run()
    }
    close(ends[0])
    runDecoder(answers: FileDescriptor(owning: socket), broker: OpenFile(FileDescriptor(owning: ends[1])), of: broker)
}

/// The decoder's whole life.
private func runDecoder(answers: consuming FileDescriptor, broker: OpenFile, of parent: pid_t) -> Never {
    _ = sprof_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL))
    // The broker may have ended before that.
    if getppid() != parent { exit(0) }
    let missing = DecoderSandbox.enter()
    serveSymbolizeRequests(broker.descriptor, answeringTo: answers) { work in
        WorkerLimits.allow(cpuSeconds: UInt64(work.timeLimitSeconds) * 4)
        let files = BrokeredFiles(broker, searchRoot: work.request.searchRoot)
        var answer = answerSymbolizeRequest(work, files: files)
        answer.missingWalls = missing
        return answer
    } whenSent: {
        if let bytes = BrokerQuestion.done.encoded() { _ = WireSocket.send(bytes, to: broker.descriptor) }
    }
    exit(0)
}

/// The loop of a worker: a request, `answer`, the answer; until the socket ends or what comes is no request.
func serveSymbolizeRequests(
    _ requests: borrowing FileDescriptor, answeringTo answers: borrowing FileDescriptor,
    answer: (WorkerRequest) -> WorkerAnswer, whenSent: () -> Void = {}
) {
    while let message = WireSocket.receive(requests),
        let request = try? WorkerRequest(decoding: message.bytes, file: message.file)
    {
        let tooLarge = WorkerAnswer.failure("\(request.request.path): the answer is too large")
        guard let bytes = answer(request).encoded() ?? tooLarge.encoded(), WireSocket.send(bytes, to: answers) else {
            return
        }
        whenSent()
    }
}

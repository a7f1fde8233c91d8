internal import CLinux
internal import Glibc
internal import Primitives

/// The half of a worker that may open files, and decodes none.
///
/// It takes requests from the pool, hands each to the decoder, its child in the sandbox, and opens what the decoder asks for:
/// regular ELF files below the root folder of the process that was sampled, no links out of it, and only if the request allows it
/// files from debuginfod servers. So a decoder that a file has taken over can read programs, and nothing else.
struct WorkerBroker: ~Copyable {
    /// The socket to the pool; the decoder sends its answers there itself.
    private let pool: FileDescriptor
    private let decoder: FileDescriptor
    private let decoderID: pid_t

    /// `decoder` is a socket to the process `decoderID`, a child of this one.
    init(pool: consuming FileDescriptor, decoder: consuming FileDescriptor, decoderID: pid_t) {
        self.pool = pool
        self.decoder = decoder
        self.decoderID = decoderID
    }

    /// Serves until the pool or the decoder is gone, then ends as the decoder did.
    consuming func run() -> Never {
        // An idle decoder ends by itself when its socket does; a busy one may be hanging.
        let isIdle = serve()
        if !isIdle { kill(decoderID, SIGKILL) }
        _ = shutdown(decoder.raw, Int32(SHUT_RDWR))
        var status: Int32 = 0
        _ = retryOnInterrupt { unsafe waitpid(decoderID, &status, 0) }
        let signal = status & 0x7f
        // The pool sees this process only: it ends by the same signal.
        if signal != 0 { kill(getpid(), signal) }
        exit(signal != 0 ? 128 + signal : status >> 8 & 0xff)
    }

    /// Requests, each with the questions about it, until the pool or the decoder is gone; whether the decoder has answered all.
    @discardableResult
    borrowing func serve() -> Bool {
        while let message = WireSocket.receive(pool), let work = try? WorkerRequest(decoding: message.bytes, file: nil)
        {
            guard forward(message), answerQuestions(about: work.request) else { return false }
        }
        return true
    }

    /// Hands a request to the decoder as it came.
    private borrowing func forward(_ message: WireSocket.Message) -> Bool {
        var writer = WireWriter()
        writer.write(raw: message.bytes)
        guard let bytes = writer.finish() else { return false }
        return WireSocket.send(bytes, message.file?.descriptor.raw ?? -1, to: decoder)
    }

    /// Answers the decoder's questions about one request; false if there will be no more.
    private borrowing func answerQuestions(about request: SymbolizeRequest) -> Bool {
        let options = SymbolizerOptions(searchRoot: request.searchRoot, debuginfod: request.debuginfod)
        var files: LocalFiles?
        while isQuestionWaiting {
            guard let message = WireSocket.receive(decoder, limit: BrokerQuestion.byteLimit),
                let question = try? BrokerQuestion(decoding: message.bytes)
            else { return false }
            let source = files ?? LocalFiles(options)
            files = source
            let reply: (BrokerReply, OpenFile?)
            switch question {
            case .done: return true
            case .open(let path): reply = Self.open(path, source)
            case .fetch(let buildID): reply = Self.fetch(buildID, source, isAllowed: request.debuginfod)
            }
            guard let bytes = reply.0.encoded(),
                WireSocket.send(bytes, reply.1?.descriptor.raw ?? -1, to: decoder)
            else { return false }
        }
        return false
    }

    private static func open(_ path: String, _ files: LocalFiles) -> (BrokerReply, OpenFile?) {
        guard let found = files.open(path) else { return (.failure("not found"), nil) }
        // Whoever can make the decoder ask for any path must not get, say, a key.
        guard let start = try? found.descriptor.read(at: FileOffset(0), count: 4), start == [0x7f, 0x45, 0x4c, 0x46],
            let file = try? found.descriptor.duplicate()
        else { return (.failure("not an ELF file"), nil) }
        return (.file(found.path), OpenFile(file))
    }

    private static func fetch(
        _ buildID: BuildID, _ files: LocalFiles, isAllowed: Bool
    ) -> (BrokerReply, OpenFile?) {
        guard isAllowed else { return (.failure("servers may not be asked"), nil) }
        switch files.fetch(buildID) {
        case .success(let file): return (.file(""), OpenFile(file))
        case .failure(let message): return (.failure(message), nil)
        }
    }

    /// Waits for the decoder's next question, or its end; false if the pool has given up meanwhile.
    private var isQuestionWaiting: Bool {
        var sockets = [
            pollfd(fd: decoder.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: pool.raw, events: Self.peerClosed, revents: 0),
        ]
        _ = retryOnInterrupt { unsafe poll(&sockets, nfds_t(sockets.count), -1) }
        return sockets[0].revents != 0
    }

    /// POLLRDHUP of poll(2), which needs _GNU_SOURCE.
    private static let peerClosed: Int16 = 0x2000
}

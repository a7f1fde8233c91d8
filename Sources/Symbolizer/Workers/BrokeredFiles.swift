internal import Primitives
internal import Synchronization

/// Debug files for the decoder of a worker, which may open none itself: it asks its broker.
///
/// Several threads may ask: one at a time.
final class BrokeredFiles: DebugFileSource {
    private let socket: Mutex<OpenFile>
    private let searchRoot: String

    /// `socket` is connected to the broker.
    init(_ socket: OpenFile, searchRoot: String) {
        self.socket = Mutex(socket)
        self.searchRoot = searchRoot
    }

    func open(_ path: String) -> FoundFile? {
        guard let (reply, file) = ask(.open(path)), case .file(let shown) = reply,
            let descriptor = try? file?.descriptor.duplicate()
        else { return nil }
        return FoundFile(descriptor: descriptor, path: shown)
    }

    func inside(_ path: String) -> String { SearchRoot.inside(path, root: searchRoot) }

    func fetch(_ buildID: BuildID) -> Debuginfod.Answer {
        guard let (reply, file) = ask(.fetch(buildID)) else { return .failure("no answer") }
        switch reply {
        case .failure(let message): return .failure(message)
        case .file:
            guard let descriptor = try? file?.descriptor.duplicate() else { return .failure("no file came") }
            return .success(descriptor)
        }
    }

    private func ask(_ question: BrokerQuestion) -> (BrokerReply, OpenFile?)? {
        guard let bytes = question.encoded() else { return nil }
        return socket.withLock { socket in
            guard WireSocket.send(bytes, to: socket.descriptor), let answer = WireSocket.receive(socket.descriptor),
                let reply = try? BrokerReply(decoding: answer.bytes)
            else { return nil }
            return (reply, answer.file)
        }
    }
}

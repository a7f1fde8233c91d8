import Glibc
import Primitives
import Testing

@testable import Symbolizer

/// What a broker hands to a decoder that asks for more than it should: the test plays the decoder.
@Suite struct WorkerBrokerTests {
    @Test func `questions and replies come out as they went in`() throws {
        let id = try #require(BuildID([1, 2, 3]))
        for question in [BrokerQuestion.open("/a/ü"), .fetch(id), .done] {
            let bytes = try #require(question.encoded())
            #expect(try BrokerQuestion(decoding: Array(bytes[4...])) == question)
        }
        for reply in [BrokerReply.file("/proc/1/root/a"), .failure("no")] {
            let bytes = try #require(reply.encoded())
            #expect(try BrokerReply(decoding: Array(bytes[4...])) == reply)
        }
    }

    @Test func `a question that is cut, too long, or has a zero in its path is none`() throws {
        let bytes = Array(try #require(BrokerQuestion.open("/a/b").encoded())[4...])
        for count in bytes.indices {
            #expect(throws: (any Error).self) { try BrokerQuestion(decoding: Array(bytes[..<count])) }
        }
        #expect(BrokerQuestion.open(String(repeating: "a", count: 5000)).encoded() == nil)
        var zero = bytes
        zero[6] = 0
        #expect(throws: (any Error).self) { try BrokerQuestion(decoding: zero) }
    }

    @Test func `only regular ELF files below the root are handed over`() throws {
        let folder = TemporaryFolder()
        #expect(system("cp /bin/true '\(folder.path)/elf' && echo secret > '\(folder.path)/key'") == 0)
        symlink("/bin/true", folder.path + "/escape")
        symlink("/elf", folder.path + "/inside")
        mkfifo(folder.path + "/pipe", 0o600)
        let paths = ["/elf", "/inside", "/key", "/escape", "/pipe", "/", "/etc/passwd", "../../../../bin/true"]
        let replies = try replies(to: paths.map { .open($0) }, searchRoot: folder.path)
        for (index, path) in paths.enumerated() {
            let isGiven = path == "/elf" || path == "/inside"
            #expect((replies[index].start == [0x7f, 0x45, 0x4c, 0x46]) == isGiven, "\(path)")
            #expect((replies[index].reply == .file(folder.path + path)) == isGiven, "\(path)")
        }
    }

    @Test func `servers are asked only when the request allows it`() throws {
        let id = try #require(BuildID([1, 2, 3]))
        #expect(try replies(to: [.fetch(id)], searchRoot: "")[0].reply == .failure("servers may not be asked"))
    }

    @Test func `what is no question ends the conversation`() throws {
        let sockets = try Sockets(searchRoot: "")
        var writer = WireWriter()
        writer.write(UInt8(77))
        let isSent = WireSocket.send(try #require(writer.finish()), to: sockets.decoder)
        #expect(isSent)
        sockets.serve()
        let received = WireSocket.receive(sockets.decoder)
        #expect(received != nil, "the request")
        let next = WireSocket.receive(sockets.decoder)
        #expect(next == nil)
    }

    /// The replies to the decoder's `questions` about a request, and the first bytes of the files that came.
    private func replies(
        to questions: [BrokerQuestion], searchRoot: String
    ) throws -> [(reply: BrokerReply, start: [UInt8]?)] {
        let sockets = try Sockets(searchRoot: searchRoot)
        for question in questions + [.done] {
            let isSent = WireSocket.send(try #require(question.encoded()), to: sockets.decoder)
            #expect(isSent)
        }
        sockets.serve()
        let received = WireSocket.receive(sockets.decoder)
        let forwarded = try #require(received)
        #expect(try WorkerRequest(decoding: forwarded.bytes, file: nil).request.searchRoot == searchRoot)
        return try questions.map { _ in
            let received = WireSocket.receive(sockets.decoder)
            let message = try #require(received)
            let start = try message.file?.descriptor.read(at: FileOffset(0), count: 4)
            return (try BrokerReply(decoding: message.bytes), start)
        }
    }

    /// A broker's two sockets, from both ends, and a request on its way.
    private final class Sockets {
        let decoder: FileDescriptor
        private let broker: Int32
        private let pool: Int32

        init(searchRoot: String) throws {
            var outer: [Int32] = [-1, -1]
            var inner: [Int32] = [-1, -1]
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            try #require(socketpair(AF_UNIX, kind, 0, &outer) == 0 && socketpair(AF_UNIX, kind, 0, &inner) == 0)
            decoder = FileDescriptor(owning: inner[0])
            broker = inner[1]
            pool = outer[1]
            let ours = FileDescriptor(owning: outer[0])
            let request = SymbolizeRequest(path: "/a", searchRoot: searchRoot, addresses: [])
            let work = WorkerRequest(request: request, effort: .full, timeLimitSeconds: 9)
            let isSent = WireSocket.send(try #require(work.encoded()), to: ours)
            #expect(isSent)
        }

        /// Lets the broker work on all that is on its way, to the end of the pool's socket.
        func serve() {
            WorkerBroker(pool: FileDescriptor(owning: pool), decoder: FileDescriptor(owning: broker), decoderID: 0)
                .serve()
        }
    }
}

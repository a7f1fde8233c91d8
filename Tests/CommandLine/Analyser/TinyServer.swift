import Glibc
import Primitives

/// An HTTP server for tests, on a port of the loopback interface, that answers each path with a fixed text.
///
/// A thread accepts; answers wait until `gatheredCount` requests are there, which shows that they come at once.
final class TinyServer: @unchecked Sendable {
    /// An answer: status line, headers and body.
    struct Answer {
        var status = "200 OK"
        var headers: [String] = []
        var body: [UInt8] = []
    }

    let port: UInt16
    /// Only read after `init`.
    private let listener: Int32
    private let answers: [String: Answer]
    private let gatheredCount: Int
    /// The paths that were asked for, and the lock that guards them.
    private var paths: [String] = []
    private var bodies: [String] = []
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var thread = pthread_t()

    var requestedPaths: [String] {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return paths
    }

    /// What was posted.
    var postedBodies: [String] {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return bodies
    }

    init(_ answers: [String: Answer], gathering gatheredCount: Int = 1) throws {
        self.answers = answers
        self.gatheredCount = gatheredCount
        pthread_mutex_init(lock, nil)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let port = try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(listener, generic, length) == 0, listen(listener, 16) == 0,
                    getsockname(listener, generic, &length) == 0
                else { throw SystemError.last("listen") }
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        self.port = port
        let context = Unmanaged.passRetained(self).toOpaque()
        pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<TinyServer>.fromOpaque(context).takeRetainedValue().serve()
                return nil
            }, context)
    }

    /// Ends the thread; the server answers nothing any more.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        pthread_join(thread, nil)
        close(listener)
    }

    private func serve() {
        while true {
            var gathered: [(connection: Int32, path: String)] = []
            while gathered.count < gatheredCount {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                gathered.append((connection, readPath(connection)))
            }
            for (connection, path) in gathered {
                answer(connection, path)
                close(connection)
            }
        }
    }

    private func readPath(_ connection: Int32) -> String {
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while request.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { break }
            request += buffer[..<count]
        }
        let head = request.firstRange(of: Array("\r\n\r\n".utf8)).map { request[..<$0.upperBound] } ?? request[...]
        if let length = String(decoding: head, as: UTF8.self).lowercased().split(separator: "\r\n")
            .compactMap({ $0.hasPrefix("content-length: ") ? Int($0.dropFirst(16)) : nil }).first
        {
            while request.count < head.count + length {
                let count = read(connection, &buffer, buffer.count)
                guard count > 0 else { break }
                request += buffer[..<count]
            }
            pthread_mutex_lock(lock)
            bodies.append(String(decoding: request[head.count...], as: UTF8.self))
            pthread_mutex_unlock(lock)
        }
        let words = String(decoding: request, as: UTF8.self).split(separator: " ")
        let path = words.count > 1 ? String(words[1]) : ""
        pthread_mutex_lock(lock)
        paths.append(path)
        pthread_mutex_unlock(lock)
        return path
    }

    private func answer(_ connection: Int32, _ path: String) {
        let found = answers[String(path.prefix { $0 != "?" })] ?? Answer(status: "404 Not Found")
        var headers = ["HTTP/1.1 " + found.status] + found.headers
        headers += ["Content-Length: \(found.body.count)", "Connection: close", "", ""]
        var bytes = (Array(headers.joined(separator: "\r\n").utf8) + found.body)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

import Glibc
import Primitives
import ProfileModel
import ProfileReader

/// Reads the profiles that sources name: files, standard input, and servers, all of which record at the same time.
struct SourceReader {
    /// A profile, or why a source gives none.
    struct Answer: Sendable {
        var profile: Result<Profile, SourceFailure>
        /// The server that it came from.
        var server: SourceURL?
    }

    /// Why a source gives no profile, in pprof's words where it has any.
    struct SourceFailure: Error, Sendable {
        var description: String

        init(_ description: String) { self.description = description }

        /// The system's words begin with a small letter in pprof's messages.
        init(_ operation: String, code: Int32) {
            let words = describeErrno(code)
            description = operation + ": " + words.prefix(1).lowercased() + words.dropFirst()
        }
    }

    let settings: ProfileSources
    let byteLimit: Int
    let notice: (String) -> Void

    /// How many profiles are decoded at the same time. Each takes three times its size until it is done, and up to ten
    /// times if it was made to.
    private static let decoderCount = 2

    /// The compressed bytes of all sources from which on one is decoded after the other: 32 MB become half a gigabyte.
    private static let largeByteCount = 32 << 20

    /// A profile that is still to be decoded.
    private enum Source: Sendable {
        case file(String)
        case standardInput(Result<[UInt8], SourceFailure>)
        case server(SourceURL, Result<HTTPResponse, HTTPFailure>)
    }

    /// The answers of `sources`, in their order.
    func read(_ sources: ArraySlice<String>) -> [Answer] {
        var requests: [HTTPRequest] = []
        let addresses = sources.map { source -> SourceURL? in
            guard source != "-", !Self.exists(source), let url = SourceURL(source, seconds: settings.seconds) else {
                return nil
            }
            notice("Fetching profile over HTTP from \(url.text)")
            if settings.seconds > 0 { notice("Please wait... (\(GoDuration.text(seconds: settings.seconds)))") }
            requests.append(request(url))
            return url
        }
        var responses = HTTPClient.get(requests)[...]
        let found = zip(sources, addresses).map { source, url -> Source in
            if let url { return .server(url, responses.removeFirst()) }
            return source == "-" ? .standardInput(readStandardInput()) : .file(source)
        }
        let byteLimit = byteLimit
        let isLarge = found.reduce(0) { $0 + Self.byteCount($1) } > Self.largeByteCount
        return parallelMap(found, width: isLarge ? 1 : Self.decoderCount) { source in
            switch source {
            case .file(let path): Answer(profile: Self.readFile(path, byteLimit))
            case .standardInput(let bytes): Answer(profile: bytes.flatMap { Self.decode($0, byteLimit) })
            case .server(let url, let response):
                Answer(profile: Self.decode(response, of: url, byteLimit), server: url)
            }
        }
    }

    private static func byteCount(_ source: Source) -> Int {
        switch source {
        case .file(let path):
            var status = stat()
            return unsafe stat(path, &status) == 0 ? Int(status.st_size) : 0
        case .standardInput(let bytes): return (try? bytes.get().count) ?? 0
        case .server(_, let response): return (try? response.get().body.count) ?? 0
        }
    }

    /// The answer of a server to `body`, which is posted.
    func post(_ body: [UInt8], to url: SourceURL) -> Result<HTTPResponse, HTTPFailure> {
        var request = request(url)
        request.body = body
        return HTTPClient.get([request])[0]
    }

    private func request(_ url: SourceURL) -> HTTPRequest {
        HTTPRequest(
            url: url.transportText, shownURL: url.text,
            // As pprof does, so that the server's own limit is told first.
            timeoutSeconds: url.timeoutSeconds(asked: settings.timeoutSeconds) &+ 5,
            checksCertificate: !url.isInsecure, certificateFile: settings.certificateFile, keyFile: settings.keyFile,
            authorityFile: settings.authorityFile, byteLimit: byteLimit)
    }

    private static func decode(
        _ response: Result<HTTPResponse, HTTPFailure>, of url: SourceURL, _ byteLimit: Int
    ) -> Result<Profile, SourceFailure> {
        switch response {
        case .failure(let failure):
            return .failure(SourceFailure(failure.description))
        case .success(let response) where response.status != 200:
            var text = "server response: \(response.statusText)"
            // The profiler's own handlers say what is wrong, and that the words are theirs.
            if response.headers["x-go-pprof"]?.isEmpty == false,
                response.headers["content-type"]?.contains("text/plain") == true
            {
                text += " - " + String(decoding: response.body, as: UTF8.self)
            }
            return .failure(SourceFailure(text))
        case .success(let response):
            return decode(response.body, byteLimit)
        }
    }

    private static func decode(_ bytes: [UInt8], _ byteLimit: Int) -> Result<Profile, SourceFailure> {
        do throws(ProfileReadError) {
            let profile = try ProfileReader.decode(bytes, byteLimit: byteLimit)
            return .success(profile)
        } catch {
            return .failure(SourceFailure(error.description))
        }
    }

    private func readStandardInput() -> Result<[UInt8], SourceFailure> {
        do throws(SystemError) {
            let input = FileDescriptor(owning: dup(STDIN_FILENO))
            return .success(try input.readToEnd(limit: byteLimit))
        } catch {
            return .failure(SourceFailure("read standard input", code: error.code))
        }
    }

    private static func readFile(_ path: String, _ byteLimit: Int) -> Result<Profile, SourceFailure> {
        guard exists(path) else { return .failure(SourceFailure("stat " + path, code: errno)) }
        do throws(ProfileReadError) {
            return .success(try ProfileReader.read(contentsOf: path, byteLimit: byteLimit))
        } catch {
            guard case .file(let problem) = error else { return .failure(SourceFailure(error.description)) }
            let operation = problem.operation == "read" ? "read " + path : problem.operation
            return .failure(SourceFailure(operation, code: problem.code))
        }
    }

    private static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0
    }
}

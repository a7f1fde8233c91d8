/// The address that a source which is no file stands for.
///
/// How text becomes an address is fixed by what users of `go tool pprof` type: Go's package `net/url`, google/pprof
/// `internal/driver/fetch.go` and, for the path of an address that has none, Go's `cmd/pprof`.
public struct SourceURL: Sendable, Equatable {
    /// `http`, `https`, or `https+insecure` for servers whose certificates nobody signed.
    public let scheme: String
    /// The server with its port, and the user if one is named: `localhost:6060`.
    public let authority: String
    /// Starts with a slash.
    public let path: String
    /// The query, with its parts in the order of their names; without the question mark.
    public let query: String
    /// How long the server records, if the address says so.
    public let seconds: Int?

    /// The address that `source` stands for; nil if it is none.
    ///
    /// - Parameter seconds: How long the server is to record; 0 or less to leave it to the address or the server.
    public init?(_ source: String, seconds: Int) {
        var parts = URLParts(source)
        if parts == nil || (parts?.authority.isEmpty == true && !["", "file"].contains(parts?.scheme ?? "")) {
            // The host of host:port looks like a scheme.
            parts = URLParts("http://" + source)
        }
        guard let parts, !parts.authority.isEmpty else { return nil }
        scheme = parts.scheme
        authority = parts.authority
        path = parts.path.isEmpty || parts.path == "/" ? "/debug/pprof/profile" : parts.path
        var query = URLQuery(parts.query)
        if seconds > 0 {
            query.set("seconds", to: String(seconds))
            self.seconds = seconds
        } else {
            self.seconds = query.first("seconds").flatMap { Int32($0) }.map(Int.init)
        }
        self.query = query.text
    }

    /// The address as it is asked for and shown.
    public var text: String { "\(scheme)://\(authority)\(path)" + (query.isEmpty ? "" : "?" + query) }

    /// The address for an HTTP library, which does not know `https+insecure`, nor that a port alone is this machine's (Go's
    /// package `net`, `Dial`).
    var transportText: String {
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority[...]
        let server = host.hasPrefix(":") ? authority.dropLast(host.count) + "localhost" + host : authority[...]
        return "\(isInsecure ? "https" : scheme)://\(server)\(path)" + (query.isEmpty ? "" : "?" + query)
    }

    /// Whether the server's certificate is not checked.
    var isInsecure: Bool { scheme == "https+insecure" }

    /// How long to wait for the answer: as asked for, else one and a half times as long as the server records, else a
    /// minute.
    func timeoutSeconds(asked: Int) -> Int {
        if asked > 0 { return asked }
        guard let seconds, seconds > 0 else { return 60 }
        return seconds &+ seconds / 2
    }
}

/// A GET request, or a POST request if it has a body.
struct HTTPRequest {
    var url: String
    /// The address as messages name it.
    var shownURL: String
    var timeoutSeconds: Int
    /// Whether the server's certificate must be signed by an authority.
    var checksCertificate = true
    /// Files in PEM; empty for none.
    var certificateFile = ""
    var keyFile = ""
    var authorityFile = ""
    /// The most bytes to take.
    var byteLimit: Int
    /// What is posted.
    var body: [UInt8]?
}

/// The answer to a request.
struct HTTPResponse {
    /// `200`.
    var status: Int
    /// The code with the server's words: `404 Not Found`.
    var statusText: String
    /// The headers of the last response, their names in lower case.
    var headers: [String: String]
    var body: [UInt8]
}

/// Why there is no answer.
enum HTTPFailure: Error, Equatable, CustomStringConvertible {
    case noLibrary
    case transfer(url: String, reason: String)
    case tooLarge(url: String, limit: Int)

    var description: String {
        switch self {
        case .noLibrary: "http fetch: libcurl.so.4 is not installed; install it: apt-get install libcurl4"
        case .transfer(let url, let reason): "http fetch: Get \"\(url)\": \(reason)"
        case .tooLarge(let url, let limit): "http fetch: Get \"\(url)\": the answer has more than \(limit) bytes"
        }
    }
}

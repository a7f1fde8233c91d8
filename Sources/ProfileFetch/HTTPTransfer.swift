internal import CCurl
import Glibc

/// One running request: what has come so far. libcurl holds a pointer to it, so it is a class that lives as long as its
/// handle.
@safe
final class HTTPTransfer {
    let request: HTTPRequest
    private(set) var body: [UInt8] = []
    private(set) var headers: [String: String] = [:]
    private(set) var statusText = ""
    private(set) var isTooLarge = false

    private let library: CurlLibrary
    let handle: UnsafeMutableRawPointer
    private let problem: UnsafeMutablePointer<CChar>

    /// Nil when there is no memory for a transfer.
    init?(_ request: HTTPRequest, library: CurlLibrary) {
        guard let handle = unsafe library.createTransfer() else { return nil }
        self.request = request
        self.library = library
        unsafe self.handle = handle
        // CURL_ERROR_SIZE.
        unsafe problem = .allocate(capacity: 256)
        unsafe problem.initialize(repeating: 0, count: 256)
        prepare()
    }

    deinit {
        unsafe library.dropTransfer(handle)
        unsafe problem.deallocate()
    }

    private func prepare() {
        set(10_002, request.url)  // CURLOPT_URL
        set(181, 3)  // CURLOPT_PROTOCOLS: http and https
        set(182, 3)  // CURLOPT_REDIR_PROTOCOLS
        set(52, 1)  // CURLOPT_FOLLOWLOCATION
        set(68, 10)  // CURLOPT_MAXREDIRS
        set(99, 1)  // CURLOPT_NOSIGNAL
        set(13, min(request.timeoutSeconds, 1 << 30))  // CURLOPT_TIMEOUT
        set(10_018, "sprof")  // CURLOPT_USERAGENT
        // CURLOPT_ACCEPT_ENCODING: what Go's package net/http asks for, and undoes; servers send it unasked, too.
        set(10_102, "gzip")
        set(64, request.checksCertificate ? 1 : 0)  // CURLOPT_SSL_VERIFYPEER
        set(81, request.checksCertificate ? 2 : 0)  // CURLOPT_SSL_VERIFYHOST
        if !request.certificateFile.isEmpty { set(10_025, request.certificateFile) }  // CURLOPT_SSLCERT
        if !request.keyFile.isEmpty { set(10_087, request.keyFile) }  // CURLOPT_SSLKEY
        if !request.authorityFile.isEmpty { set(10_065, request.authorityFile) }  // CURLOPT_CAINFO
        if let body = request.body {
            set(60, body.count)  // CURLOPT_POSTFIELDSIZE
            // CURLOPT_COPYPOSTFIELDS
            unsafe _ = body.withUnsafeBytes { bytes in
                unsafe sprof_curl_set_pointer(library.setOption, handle, 10_165, bytes.baseAddress)
            }
        }
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe _ = sprof_curl_set_pointer(library.setOption, handle, 10_010, problem)  // CURLOPT_ERRORBUFFER
        unsafe _ = sprof_curl_set_pointer(library.setOption, handle, 10_001, context)  // CURLOPT_WRITEDATA
        unsafe _ = sprof_curl_set_pointer(library.setOption, handle, 10_029, context)  // CURLOPT_HEADERDATA
        unsafe _ = sprof_curl_set_receiver(library.setOption, handle, 20_011) { bytes, size, count, context in
            unsafe HTTPTransfer.receive(bytes, size &* count, context) { unsafe $0.takeBody($1) }
        }  // CURLOPT_WRITEFUNCTION
        unsafe _ = sprof_curl_set_receiver(library.setOption, handle, 20_079) { bytes, size, count, context in
            unsafe HTTPTransfer.receive(bytes, size &* count, context) { unsafe $0.takeHeader($1) }
        }  // CURLOPT_HEADERFUNCTION
    }

    private func set(_ option: Int32, _ value: Int) {
        unsafe _ = sprof_curl_set_number(library.setOption, handle, option, value)
    }

    private func set(_ option: Int32, _ value: String) {
        // libcurl copies strings.
        unsafe _ = value.withCString { unsafe sprof_curl_set_pointer(library.setOption, handle, option, $0) }
    }

    private static func receive(
        _ bytes: UnsafeMutablePointer<CChar>?, _ count: UInt, _ context: UnsafeMutableRawPointer?,
        _ take: (HTTPTransfer, UnsafeRawBufferPointer) -> Bool
    ) -> UInt {
        guard let context = unsafe context else { return 0 }
        let transfer = unsafe Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
        // A count that differs makes libcurl give up.
        return unsafe take(transfer, UnsafeRawBufferPointer(start: bytes, count: Int(count))) ? count : count &+ 1
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= request.byteLimit - body.count else {
            isTooLarge = true
            return false
        }
        unsafe body.append(contentsOf: bytes)
        return true
    }

    private func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        let text = line.prefix { $0 != "\r" && $0 != "\n" && $0 != "\r\n" }
        if text.hasPrefix("HTTP/") {
            // Each response on the way to the last starts anew.
            headers = [:]
            body = []
            statusText = text.drop { $0 != " " }.drop { $0 == " " }.description
        } else if let colon = text.firstIndex(of: ":"), headers.count < 1000 {
            headers[text[..<colon].lowercased()] = text[text.index(after: colon)...].drop { $0 == " " }.description
        }
        return true
    }

    /// The answer, after libcurl has ended with `code`.
    func finish(_ code: Int32) -> Result<HTTPResponse, HTTPFailure> {
        if isTooLarge { return .failure(.tooLarge(url: request.shownURL, limit: request.byteLimit)) }
        guard code == 0 else {
            var reason = unsafe String(cString: problem)
            if reason.isEmpty, let words = unsafe library.describe(code) { reason = unsafe String(cString: words) }
            return .failure(.transfer(url: request.shownURL, reason: reason))
        }
        var status = 0
        // CURLINFO_RESPONSE_CODE.
        unsafe _ = sprof_curl_get_number(library.getInformation, handle, 0x20_0002, &status)
        return .success(
            HTTPResponse(
                status: status, statusText: statusText.isEmpty ? String(status) : statusText, headers: headers,
                body: body))
    }
}

internal import CCurl

/// Fetches over HTTP by libcurl, which knows proxies, redirections and encryption.
enum HTTPClient {
    /// The answers to `requests`, in their order; all are under way at once, on the calling thread.
    static func get(_ requests: [HTTPRequest]) -> [Result<HTTPResponse, HTTPFailure>] {
        guard !requests.isEmpty else { return [] }
        guard let library = CurlLibrary.load(), let group = unsafe library.createGroup() else {
            return requests.map { _ in .failure(.noLibrary) }
        }
        defer { unsafe library.dropGroup(group) }
        let transfers = requests.map { HTTPTransfer($0, library: library) }
        var results = requests.map {
            Result<HTTPResponse, HTTPFailure>.failure(.transfer(url: $0.shownURL, reason: "out of memory"))
        }
        for case let transfer? in transfers { unsafe _ = library.add(group, transfer.handle) }
        defer { for case let transfer? in transfers { unsafe _ = library.remove(group, transfer.handle) } }
        var running: Int32 = 1
        while running > 0 {
            guard unsafe library.perform(group, &running) == 0 else { break }
            var waiting: Int32 = 0
            while let message = unsafe library.nextMessage(group, &waiting) {
                // CURLMSG_DONE is the only kind there is.
                guard unsafe message.pointee.kind == 1 else { continue }
                let handle = unsafe message.pointee.handle
                let code = unsafe message.pointee.data.result
                if let index = transfers.firstIndex(where: { unsafe $0?.handle == handle }),
                    let transfer = transfers[index]
                {
                    results[index] = transfer.finish(code)
                }
            }
            if running > 0 { unsafe _ = library.poll(group, nil, 0, 1000, nil) }
        }
        return results
    }
}

internal import Primitives

/// Requests with many addresses cut into parts, so that the units of one large file are decoded by several workers.
///
/// Each part is a run of neighbouring addresses: linkers keep a unit's code together, so hardly any unit is decoded
/// twice. What every worker repeats is opening the file, which is why a part has thousands of addresses.
struct RequestParts {
    /// The parts, those of one request next to each other and in the order of their addresses.
    private(set) var requests: [SymbolizeRequest] = []
    /// For each part the index of the request that it belongs to.
    private(set) var owners: [Int] = []

    /// Fewer addresses than this are not worth a worker's start over the same file.
    static let addressCount = 4096

    /// At most `workerCount` parts of each of the `requests`.
    init(_ requests: [SymbolizeRequest], workerCount: Int) {
        for (owner, request) in requests.enumerated() {
            let count = request.addresses.count
            // Two workers would fetch the same file from a server at the same time.
            let parts = request.debuginfod ? 1 : max(1, min(workerCount, count / Self.addressCount))
            for part in 0..<parts {
                var piece = request
                if parts > 1 {
                    piece.addresses = Array(request.addresses[count * part / parts..<count * (part + 1) / parts])
                }
                self.requests.append(piece)
                owners.append(owner)
            }
        }
    }

    /// One result for each of the requests, from those of the parts. A part without an answer costs its own names only,
    /// unless no part has one.
    func joined(
        _ results: [Result<SymbolizeAnswer, SymbolizeFailure>]
    ) -> [Result<SymbolizeAnswer, SymbolizeFailure>] {
        var joined: [Result<SymbolizeAnswer, SymbolizeFailure>] = []
        var start = 0
        while start < results.count {
            var end = start + 1
            while end < results.count, owners[end] == owners[start] { end += 1 }
            joined.append(end == start + 1 ? results[start] : join(results, start..<end))
            start = end
        }
        return joined
    }

    private func join(
        _ results: [Result<SymbolizeAnswer, SymbolizeFailure>], _ parts: Range<Int>
    ) -> Result<SymbolizeAnswer, SymbolizeFailure> {
        var whole = SymbolizeAnswer(addresses: [])
        var failure: SymbolizeFailure?
        var isAnswered = false
        for part in parts {
            switch results[part] {
            case .success(let answer):
                isAnswered = true
                whole.addresses += answer.addresses
                for warning in answer.warnings where !whole.warnings.contains(warning) {
                    whole.warnings.append(warning)
                }
                if whole.source.isEmpty || whole.effort > answer.effort {
                    whole.source = answer.source
                }
                whole.effort = max(whole.effort, answer.effort)
            case .failure(let reason):
                failure = failure ?? reason
                let count = requests[part].addresses.count
                whole.addresses += [SymbolizedAddress](repeating: SymbolizedAddress(), count: count)
            }
        }
        guard let failure else { return .success(whole) }
        guard isAnswered else { return .failure(failure) }
        whole.warnings.append(failure.description)
        return .success(whole)
    }
}

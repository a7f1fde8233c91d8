/// Text that is handed on piece by piece while it is made: a large profile as text can have gigabytes.
struct TextPieces<Failure: Error> {
    /// What was not handed on yet; whoever appends calls `advance` now and then.
    var bytes: [UInt8] = []
    private let output: ([UInt8]) throws(Failure) -> Void

    private static var pieceByteCount: Int { 1 << 20 }

    init(to output: @escaping ([UInt8]) throws(Failure) -> Void) {
        self.output = output
    }

    /// Hands on what is there, if that is much.
    mutating func advance() throws(Failure) {
        if bytes.count >= Self.pieceByteCount { try finish() }
    }

    /// Hands on what is there.
    mutating func finish() throws(Failure) {
        if !bytes.isEmpty { try output(bytes) }
        bytes.removeAll(keepingCapacity: true)
    }
}

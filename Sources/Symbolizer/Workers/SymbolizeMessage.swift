internal import Primitives

/// A message that does not follow the format, or whose numbers contradict each other.
struct WireError: Error {}

/// A request as a worker gets it: the request, which comes with the file's descriptor beside it, and how to go about it.
struct WorkerRequest {
    var request: SymbolizeRequest
    /// Less than the full one if another worker has failed over the file.
    var effort: SymbolizeEffort
    /// The time a worker may take, in seconds of CPU for the worker and of wall-clock time for whoever waits.
    var timeLimitSeconds: UInt32

    /// The message's bytes with their length; nil if there are too many. The file is not among them.
    func encoded() -> [UInt8]? {
        var writer = WireWriter()
        writer.write(
            UInt8(request.debuginfod ? 1 : 0) | UInt8(request.image != nil ? 2 : 0))
        writer.write(effort.rawValue)
        writer.write(timeLimitSeconds)
        writer.write(request.path)
        writer.write(request.searchRoot)
        writer.write(bytes: request.buildID?.bytes ?? [])
        writer.write(bytes: request.image ?? [])
        writer.write(UInt32(clamping: request.addresses.count))
        for address in request.addresses { writer.write(address.value) }
        return writer.finish()
    }

    /// From the bytes behind the length.
    init(decoding bytes: [UInt8], file: OpenFile?) throws {
        var reader = ByteReader(bytes.rawSpan)
        let flags = try reader.read(UInt8.self)
        guard let effort = SymbolizeEffort(rawValue: try reader.read(UInt8.self)) else { throw WireError() }
        timeLimitSeconds = try reader.read(UInt32.self)
        let path = try reader.readText()
        let searchRoot = try reader.readText()
        let buildID = BuildID(try reader.readCountedBytes())
        let image = try reader.readCountedBytes()
        let count = Int(try reader.read(UInt32.self))
        guard count == reader.remaining / 8, reader.remaining % 8 == 0 else { throw WireError() }
        var addresses: [FileAddress] = []
        addresses.reserveCapacity(count)
        for _ in 0..<count { addresses.append(FileAddress(try reader.read(UInt64.self))) }
        self.effort = effort
        request = SymbolizeRequest(
            path: path, buildID: buildID, file: file, image: flags & 2 != 0 ? image : nil, searchRoot: searchRoot,
            debuginfod: flags & 1 != 0, addresses: addresses)
    }

    init(request: SymbolizeRequest, effort: SymbolizeEffort, timeLimitSeconds: UInt32) {
        self.request = request
        self.effort = effort
        self.timeLimitSeconds = timeLimitSeconds
    }
}

/// What a worker sends back. The decoder trusts nothing: the worker may have been taken over by the file it read.
enum WorkerAnswer {
    /// The file cannot be used, in words.
    case failure(String)
    case success(SymbolizeAnswer)

    /// What the kernel did not give of the sandbox that the answer was made in; told with successes only.
    var missingWalls: DecoderSandbox.Missing {
        get { if case .success(let answer) = self { answer.missingWalls } else { [] } }
        set {
            guard case .success(var answer) = self else { return }
            answer.missingWalls = newValue
            self = .success(answer)
        }
    }

    /// The most frames that one address may have: deeper inlining is not believed.
    static let frameLimit = UnitScan.chainLimit
    /// The most frames of all addresses: real answers have five or six each.
    static let totalFrameLimit = 1 << 22

    /// The message's bytes with their length; nil if there are too many.
    func encoded() -> [UInt8]? {
        var writer = WireWriter()
        switch self {
        case .failure(let message):
            writer.write(UInt8(0))
            writer.write(message)
        case .success(let answer):
            writer.write(UInt8(1))
            var frames = WireFrames()
            for address in answer.addresses { frames.append(address) }
            guard frames.frameCount <= Self.totalFrameLimit else { return nil }
            writer.write(frames)
            writer.write(answer.source)
            writer.write(answer.effort.rawValue)
            writer.write(answer.missingWalls.rawValue)
            writer.write(UInt32(clamping: answer.warnings.count))
            for warning in answer.warnings { writer.write(warning) }
        }
        return writer.finish()
    }

    /// From the bytes behind the length. The answer must be for `addressCount` addresses.
    init(decoding bytes: [UInt8], addressCount: Int) throws {
        var reader = ByteReader(bytes.rawSpan)
        switch try reader.read(UInt8.self) {
        case 0:
            self = .failure(try reader.readText())
        case 1:
            let addresses = try reader.readFrames(addressCount: addressCount)
            let source = try reader.readText()
            guard let effort = SymbolizeEffort(rawValue: try reader.read(UInt8.self)) else { throw WireError() }
            let missing = DecoderSandbox.Missing(rawValue: try reader.read(UInt8.self))
            let warnings = try reader.readTexts()
            var answer = SymbolizeAnswer(
                addresses: addresses, warnings: warnings, source: source, effort: effort)
            answer.missingWalls = missing
            self = .success(answer)
        default:
            throw WireError()
        }
        guard reader.isAtEnd else { throw WireError() }
    }
}

extension ByteReader {
    /// A 32-bit count and as many bytes.
    @_lifetime(self: copy self)
    mutating func readCountedBytes() throws -> [UInt8] {
        try readBytes(Int(try read(UInt32.self)))
    }

    /// A string behind its length; invalid UTF-8 replaced.
    @_lifetime(self: copy self)
    mutating func readText() throws -> String {
        let count = Int(try read(UInt32.self))
        return String(decodingBytes: try readSpan(count))
    }

    /// A 32-bit count and as many strings.
    @_lifetime(self: copy self)
    mutating func readTexts() throws -> [String] {
        let count = Int(try read(UInt32.self))
        guard count <= remaining / 4 else { throw WireError() }
        var texts: [String] = []
        texts.reserveCapacity(count)
        for _ in 0..<count { texts.append(try readText()) }
        return texts
    }
}

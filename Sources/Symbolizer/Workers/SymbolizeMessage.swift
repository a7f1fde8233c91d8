internal import Primitives

/// A message that does not follow the format, or whose numbers contradict each other.
struct WireError: Error {}

/// A request as a worker gets it: the request, which comes with the file's descriptor beside it, and how to go about it.
struct WorkerRequest {
    var request: SymbolizeRequest
    /// Read the symbol table alone, and leave the system's demanglers out: another worker has failed over the file.
    var symbolTableOnly: Bool
    /// The time a worker may take, in seconds of CPU for the worker and of wall-clock time for whoever waits.
    var timeLimitSeconds: UInt32

    /// The message's bytes with their length; nil if there are too many. The file is not among them.
    func encoded() -> [UInt8]? {
        var writer = WireWriter()
        writer.write(
            UInt8(symbolTableOnly ? 1 : 0) | UInt8(request.debuginfod ? 2 : 0) | UInt8(request.image != nil ? 4 : 0))
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
        symbolTableOnly = flags & 1 != 0
        request = SymbolizeRequest(
            path: path, buildID: buildID, file: file, image: flags & 4 != 0 ? image : nil, searchRoot: searchRoot,
            debuginfod: flags & 2 != 0, addresses: addresses)
    }

    init(request: SymbolizeRequest, symbolTableOnly: Bool, timeLimitSeconds: UInt32) {
        self.request = request
        self.symbolTableOnly = symbolTableOnly
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
    static let frameLimit = 1000

    /// The message's bytes with their length; nil if there are too many.
    func encoded() -> [UInt8]? {
        var writer = WireWriter()
        switch self {
        case .failure(let message):
            writer.write(UInt8(0))
            writer.write(message)
        case .success(let answer):
            writer.write(UInt8(1))
            var strings = StringTable()
            var frames = WireFrames()
            for address in answer.addresses { frames.append(address, &strings) }
            writer.write(UInt32(clamping: strings.all.count))
            for string in strings.all { writer.write(string) }
            writer.write(UInt32(clamping: answer.addresses.count))
            for number in frames.numbers { writer.write(number) }
            writer.write(answer.source)
            writer.write(UInt8(answer.isSymbolTableOnly ? 1 : 0))
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
            let strings = try reader.readTexts()
            guard try reader.read(UInt32.self) == addressCount else { throw WireError() }
            var addresses: [SymbolizedAddress] = []
            // Each takes at least the four bytes of its count.
            guard addressCount <= reader.remaining / 4 else { throw WireError() }
            addresses.reserveCapacity(addressCount)
            for _ in 0..<addressCount { addresses.append(try reader.readAddress(strings)) }
            let source = try reader.readText()
            let isSymbolTableOnly = try reader.read(UInt8.self) != 0
            let missing = DecoderSandbox.Missing(rawValue: try reader.read(UInt8.self))
            let warnings = try reader.readTexts()
            var answer = SymbolizeAnswer(
                addresses: addresses, warnings: warnings, source: source, isSymbolTableOnly: isSymbolTableOnly)
            answer.missingWalls = missing
            self = .success(answer)
        default:
            throw WireError()
        }
        guard reader.isAtEnd else { throw WireError() }
    }
}

/// Strings, each once; the first is the empty one.
private struct StringTable {
    private(set) var all = [""]
    private var indexes = ["": UInt32(0)]

    mutating func index(of string: String) -> UInt32 {
        if let index = indexes[string] { return index }
        let index = UInt32(all.count)
        all.append(string)
        indexes[string] = index
        return index
    }
}

/// The frames of all addresses as numbers: for each address a count, for each frame six numbers.
private struct WireFrames {
    var numbers: [UInt32] = []

    mutating func append(_ address: SymbolizedAddress, _ strings: inout StringTable) {
        var frames = address.frames
        if frames.count > WorkerAnswer.frameLimit {
            // The outermost is the function that was called, the one to keep.
            frames.removeSubrange((WorkerAnswer.frameLimit - 1)..<(frames.count - 1))
        }
        numbers.append(UInt32(frames.count))
        for frame in frames {
            numbers.append(strings.index(of: frame.linkageName))
            numbers.append(strings.index(of: frame.displayName ?? ""))
            numbers.append(strings.index(of: frame.file))
            numbers.append(UInt32(clamping: frame.line))
            numbers.append(UInt32(clamping: frame.startLine))
            numbers.append(frame.isInlined ? 1 : 0)
        }
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
    fileprivate mutating func readTexts() throws -> [String] {
        let count = Int(try read(UInt32.self))
        guard count <= remaining / 4 else { throw WireError() }
        var texts: [String] = []
        texts.reserveCapacity(count)
        for _ in 0..<count { texts.append(try readText()) }
        return texts
    }

    /// The frames of one address.
    @_lifetime(self: copy self)
    fileprivate mutating func readAddress(_ strings: [String]) throws -> SymbolizedAddress {
        let count = Int(try read(UInt32.self))
        guard count <= WorkerAnswer.frameLimit, count <= remaining / 24 else { throw WireError() }
        var frames: [SymbolizedFrame] = []
        frames.reserveCapacity(count)
        for _ in 0..<count {
            let name = Int(try read(UInt32.self))
            let display = Int(try read(UInt32.self))
            let file = Int(try read(UInt32.self))
            guard max(name, display, file) < strings.count else { throw WireError() }
            let line = Int(try read(UInt32.self))
            let startLine = Int(try read(UInt32.self))
            let isInlined = try read(UInt32.self) != 0
            frames.append(
                SymbolizedFrame(
                    linkageName: strings[name], displayName: display == 0 ? nil : strings[display], file: strings[file],
                    line: line, startLine: startLine, isInlined: isInlined))
        }
        return SymbolizedAddress(frames: frames)
    }
}

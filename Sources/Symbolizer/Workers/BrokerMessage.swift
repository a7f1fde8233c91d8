internal import Primitives

/// What the decoder of a worker asks of its broker. The broker trusts nothing of it but its form.
enum BrokerQuestion: Equatable {
    /// The file at a path, as the sampled process saw it.
    case open(String)
    /// The debug information of a build from the servers.
    case fetch(BuildID)
    /// Nothing more: the answer to the request is sent.
    case done

    /// The most bytes of a question: a path of PATH_MAX and what is around it.
    static let byteLimit = 4200

    /// The message's bytes with their length; nil if there are too many.
    func encoded() -> [UInt8]? {
        var writer = WireWriter()
        switch self {
        case .open(let path):
            writer.write(UInt8(1))
            writer.write(path)
        case .fetch(let buildID):
            writer.write(UInt8(2))
            writer.write(bytes: buildID.bytes)
        case .done:
            writer.write(UInt8(3))
        }
        guard let bytes = writer.finish(), bytes.count <= Self.byteLimit + 4 else { return nil }
        return bytes
    }

    /// From the bytes behind the length.
    init(decoding bytes: [UInt8]) throws {
        var reader = ByteReader(bytes.rawSpan)
        switch try reader.read(UInt8.self) {
        case 1:
            let path = try reader.readText()
            // A zero byte would end the path early for the kernel.
            guard !path.utf8.contains(0) else { throw WireError() }
            self = .open(path)
        case 2:
            let digits = try reader.readCountedBytes()
            guard digits.count <= 64, let buildID = BuildID(digits) else { throw WireError() }
            self = .fetch(buildID)
        case 3: self = .done
        default: throw WireError()
        }
        guard reader.isAtEnd else { throw WireError() }
    }
}

/// What the broker answers; the file, if there is one, comes beside it.
enum BrokerReply: Equatable {
    /// The file and where it is, seen from our own root.
    case file(String)
    /// Why there is none.
    case failure(String)

    /// The message's bytes with their length; nil if there are too many.
    func encoded() -> [UInt8]? {
        var writer = WireWriter()
        switch self {
        case .file(let path):
            writer.write(UInt8(1))
            writer.write(path)
        case .failure(let message):
            writer.write(UInt8(0))
            writer.write(message)
        }
        return writer.finish()
    }

    /// From the bytes behind the length.
    init(decoding bytes: [UInt8]) throws {
        var reader = ByteReader(bytes.rawSpan)
        let isFile = try reader.read(UInt8.self) != 0
        let text = try reader.readText()
        self = isFile ? .file(text) : .failure(text)
    }
}

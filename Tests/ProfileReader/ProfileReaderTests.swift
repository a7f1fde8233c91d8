import Primitives
import ProfileModel
import ProfileReader
import ProfileWriter
import Testing

@Suite struct ProfileReaderTests {
    @Test func `what was written is read back, to the byte when written again`() throws {
        for profile in [ProfileFixture.full(), ProfileFixture.large(samples: 200, depth: 5, locationCount: 300)] {
            let bytes = try ProfileEncoder.encode(profile)
            #expect(try ProfileEncoder.encode(ProfileReader.decode(bytes)) == bytes)
            #expect(try ProfileEncoder.encode(ProfileReader.decode(Gzip.compress(bytes.rawSpan))) == bytes)
        }
    }

    @Test func `several gzip members are one file`() throws {
        let bytes = try ProfileEncoder.encode(ProfileFixture.full())
        let first = try Gzip.compress(Array(bytes[..<100]).rawSpan)
        let second = try Gzip.compress(Array(bytes[100...]).rawSpan)
        #expect(try ProfileEncoder.encode(ProfileReader.decode(first + second)) == bytes)
    }

    @Test func `unpacked numbers, unknown fields and any order of fields and ids are read`() throws {
        let message = Message.bytes {
            $0.field(
                2,
                Message.bytes {
                    $0.field(1, 900); $0.field(1, 7); $0.field(2, 5)
                })
            $0.field(200, Array("unknown".utf8))
            $0.field(
                4,
                Message.bytes {
                    $0.field(1, 900); $0.field(3, 4096)
                })
            $0.field(
                4,
                Message.bytes {
                    $0.field(1, 7); $0.field(2, 99)
                })
            $0.strings("", "n", "u")
            $0.field(
                1,
                Message.bytes {
                    $0.field(1, 1); $0.field(2, 2)
                })
        }
        let profile = try ProfileReader.decode(message)
        #expect(profile.samples[0].locations.map(\.rawValue) == [0, 1])
        #expect(profile.locations[0].address == Address(4096))
        #expect(profile.locations[1].mapping == nil)
    }

    @Test(arguments: Rejection.all)
    func `what pprof refuses is refused in its words`(rejection: Rejection) throws {
        let error = #expect(throws: ProfileReadError.self) { try ProfileReader.decode(rejection.bytes) }
        #expect(error?.description == rejection.text)
        if PprofOracle.isPresent {
            let directory = TemporaryDirectory()
            try ProfileFile.write(rejection.bytes, to: directory.path + "/file")
            let theirs = PprofOracle.run("-raw", on: directory.path + "/file")
            #expect(theirs.errors.contains(rejection.text), "\(theirs)")
        }
    }

    @Test func `more bytes than allowed are refused without being held`() throws {
        let bomb = try Gzip.compress([UInt8](repeating: 0, count: 1 << 24).rawSpan)
        #expect(throws: ProfileReadError.tooLarge(limitByteCount: 1 << 20)) {
            try ProfileReader.decode(bomb, byteLimit: 1 << 20)
        }
        #expect(throws: ProfileReadError.tooLarge(limitByteCount: 3)) {
            try ProfileReader.decode([1, 2, 3, 4], byteLimit: 3)
        }
        #expect(throws: ProfileReadError.tooLarge(limitByteCount: 100)) {
            try ProfileReader.read(contentsOf: "/dev/zero", byteLimit: 100)
        }
    }

    @Test func `a file that is not there is named`() {
        let error = #expect(throws: ProfileReadError.self) { try ProfileReader.read(contentsOf: "/missing") }
        #expect(error?.description == "open /missing: No such file or directory")
    }

    @Test func `every prefix of a file gives a valid profile or an error`() throws {
        let bytes = try ProfileEncoder.encode(ProfileFixture.full())
        for length in bytes.indices { checkSafe(Array(bytes[..<length])) }
        let compressed = try Gzip.compress(bytes.rawSpan)
        for length in compressed.indices {
            #expect(throws: ProfileReadError.self) { try ProfileReader.decode(Array(compressed[..<length])) }
        }
    }

    /// One that is all there is decompressed by libdeflate, one that comes in pieces by zlib.
    @Test func `a compressed file gives the same as a whole and in pieces, damaged or not`() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/file"
        let bytes = try ProfileEncoder.encode(ProfileFixture.full())
        let compressed = try Gzip.compress(bytes.rawSpan)
        var random = SeededGenerator(seed: 9)
        for round in 0..<600 {
            var file = compressed
            switch round % 3 {
            case 0: file[Int.random(in: 2..<file.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            case 1: file.removeLast(Int.random(in: 0..<file.count - 2, using: &random))
            default:
                file += (0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
                }
            }
            try ProfileFile.write(file, to: path)
            let whole = Result { () throws(ProfileReadError) in try ProfileReader.read(contentsOf: path) }
            let open = try FileDescriptor(opening: path)
            let pieces = Result { () throws(ProfileReadError) in try ProfileReader.read(open) }
            switch (whole, pieces) {
            case (.success(let one), .success(let other)):
                #expect(try ProfileEncoder.encode(one) == ProfileEncoder.encode(other))
            case (.failure(let one), .failure(let other)): #expect(one == other)
            default: Issue.record("round \(round): \(whole) and \(pieces)")
            }
        }
    }

    @Test func `random changes give a valid profile or an error`() throws {
        let bytes = try ProfileEncoder.encode(ProfileFixture.full())
        let compressed = try Gzip.compress(bytes.rawSpan)
        var random = SeededGenerator(seed: 7)
        for round in 0..<20_000 {
            var changed = round % 4 == 0 ? compressed : bytes
            for _ in 0...Int.random(in: 0...3, using: &random) {
                changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            checkSafe(changed)
        }
    }

    private func checkSafe(_ bytes: [UInt8]) {
        guard let profile = try? ProfileReader.decode(bytes, byteLimit: 1 << 20) else { return }
        #expect(throws: Never.self) { try profile.checkValid(.pprof) }
        #expect(throws: Never.self) { try ProfileReader.decode(ProfileEncoder.encode(profile)) }
    }
}

/// A file that is no profile, and what to say of it.
struct Rejection: Sendable, CustomStringConvertible {
    var text: String
    var bytes: [UInt8]
    var description: String { text }

    init(_ text: String, _ bytes: [UInt8]) {
        self.text = text
        self.bytes = bytes
    }

    /// A message with the sample type n/u and whatever `add` adds.
    init(_ text: String, _ add: (inout Message) -> Void) {
        self.init(
            text,
            Message.bytes {
                $0.strings("", "n", "u")
                $0.field(
                    1,
                    Message.bytes {
                        $0.field(1, 1); $0.field(2, 2)
                    })
                add(&$0)
            })
    }

    static let unrecognized = "parsing profile: unrecognized profile format"

    static let all: [Rejection] = [
        Rejection("parsing profile: empty input file", []),
        Rejection("decompressing profile: unexpected EOF", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2]),
        Rejection(unrecognized, Array("no profile".utf8)),
        Rejection(unrecognized, [0x48] + [UInt8](repeating: 0xff, count: 11)),
        Rejection(unrecognized, [0x32, 0x05, 0]),
        Rejection(unrecognized, [0x33]),
        Rejection(unrecognized, Message.bytes { $0.field(9, 1) }),
        Rejection(unrecognized, Message.bytes { $0.strings("x") }),
        Rejection(unrecognized) { $0.field(9, [1]) },
        Rejection(unrecognized) { $0.field(7, 3) },
        Rejection(unrecognized) { $0.field(13, UInt64.max) },
        Rejection("parsing profile: concatenated profiles detected") {
            $0.field(9, 5); $0.field(9, 6)
        },
        Rejection(
            "malformed profile: missing sample type information",
            Message.bytes {
                $0.strings(""); $0.field(2, Message.bytes { $0.field(2, 1) })
            }),
        Rejection("malformed profile: mismatch: sample has 2 values vs. 1 types") {
            $0.field(
                2,
                Message.bytes {
                    $0.field(2, 1); $0.field(2, 1)
                })
        },
        Rejection("malformed profile: sample has nil location") {
            $0.field(
                2,
                Message.bytes {
                    $0.field(1, 1); $0.field(2, 1)
                })
        },
        Rejection("malformed profile: found mapping with reserved ID=0") { $0.field(3, []) },
        Rejection("malformed profile: multiple mappings with same id: 4") {
            $0.field(3, [8, 4]); $0.field(3, [8, 4])
        },
        Rejection("malformed profile: found function with reserved ID=0") { $0.field(5, []) },
        Rejection("malformed profile: multiple functions with same id: 1") {
            $0.field(5, [8, 1]); $0.field(5, [8, 1])
        },
        Rejection("malformed profile: found location with reserved id=0") { $0.field(4, []) },
        Rejection("malformed profile: multiple locations with same id: 7") {
            $0.field(4, [8, 7]); $0.field(4, [8, 7])
        },
        Rejection("malformed profile: location id: 1 has a line with nil function") {
            $0.field(4, [8, 1, 0x22, 0])
        },
    ]
}

/// A protocol buffer written field by field.
struct Message {
    private(set) var bytes: [UInt8] = []

    static func bytes(_ build: (inout Message) -> Void) -> [UInt8] {
        var message = Message()
        build(&message)
        return message.bytes
    }

    mutating func field(_ number: UInt64, _ value: UInt64) {
        varint(number << 3)
        varint(value)
    }

    mutating func field(_ number: UInt64, _ contents: [UInt8]) {
        varint(number << 3 | 2)
        varint(UInt64(contents.count))
        bytes += contents
    }

    mutating func strings(_ strings: String...) {
        for string in strings { field(6, Array(string.utf8)) }
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

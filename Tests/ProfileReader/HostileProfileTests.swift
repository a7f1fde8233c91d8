import Primitives
import ProfileModel
import ProfileReader
import ProfileWriter
import Testing

/// Files that nobody means well with: an answer in bounded time and memory.
@Suite struct HostileProfileTests {
    /// A message with the sample type n/u, a function, `locations` and whatever `add` adds.
    private func message(locations: [UInt64], _ add: (inout Message) -> Void) -> [UInt8] {
        Message.bytes { message in
            message.strings("", "n", "u")
            message.field(
                1,
                Message.bytes {
                    $0.field(1, 1); $0.field(2, 2)
                })
            for id in locations {
                message.field(
                    4,
                    Message.bytes {
                        $0.field(1, id); $0.field(3, id &* 16)
                    })
            }
            add(&message)
        }
    }

    @Test(arguments: [[1, 2, 3], [3, 2, 1], [7, 70, 700], [0x7fff_0000_1000, .max, 1 << 40]] as [[UInt64]])
    func `ids may be any numbers`(ids: [UInt64]) throws {
        let bytes = message(locations: ids) { message in
            message.field(
                2,
                Message.bytes { sample in
                    for id in ids.reversed() { sample.field(1, id) }
                    sample.field(2, 5)
                })
        }
        let profile = try ProfileReader.decode(bytes)
        #expect(profile.samples[0].locations.map(\.rawValue) == [2, 1, 0])
        #expect((0..<3).map { profile.fileIDs.id(of: LocationIndex(rawValue: $0)) } == ids)
    }

    @Test func `an id that does not exist is found among ids of every kind`() {
        for ids in [[1, 2, 3], [7, 70, 700], [0x7fff_0000_1000, .max, 1 << 40]] as [[UInt64]] {
            for wanted in [0, 4, 71, 1 << 39, .max - 1] as [UInt64] {
                let bytes = message(locations: ids) { message in
                    message.field(
                        2,
                        Message.bytes {
                            $0.field(1, wanted); $0.field(2, 1)
                        })
                }
                #expect(throws: ProfileReadError.malformed(.unknownLocation)) { try ProfileReader.decode(bytes) }
            }
        }
    }

    /// A sample of stacks and values that is not packed.
    private func sample(locations: [UInt64], values: [UInt64]) -> [UInt8] {
        var sample = Message()
        for location in locations { sample.field(1, location) }
        for value in values { sample.field(2, value) }
        return sample.bytes
    }

    @Test func `the first sample that is wrong decides what is said`() {
        let unknown = sample(locations: [9], values: [1])
        let tooMany = sample(locations: [], values: [1, 1])
        let both = sample(locations: [9], values: [1, 1])
        let mismatch = ProfileError.valueCountMismatch(values: 2, types: 1)
        let cases: [([[UInt8]], ProfileError)] = [
            ([unknown, tooMany], .unknownLocation), ([tooMany, unknown], mismatch), ([both], mismatch),
        ]
        for (samples, error) in cases {
            let bytes = message(locations: [1]) { message in
                for sample in samples { message.field(2, sample) }
            }
            #expect(throws: ProfileReadError.malformed(error)) { try ProfileReader.decode(bytes) }
        }
    }

    @Test func `a stack of a million frames is read`() throws {
        let depth = 1_000_000
        let bytes = message(locations: [1]) { message in
            message.field(
                2,
                Message.bytes {
                    $0.field(1, [UInt8](repeating: 1, count: depth)); $0.field(2, 1)
                })
        }
        #expect(try ProfileReader.decode(bytes).samples[0].locations.count == depth)
    }

    @Test func `nothing is kept of samples that are nothing`() {
        // Two bytes each; a table of them would take 16.
        let samples = [UInt8]((0..<2_000_000).flatMap { _ in [0x12, 0] as [UInt8] })
        let bytes = Message.bytes { $0.strings("") } + samples
        #expect(throws: ProfileReadError.malformed(.missingSampleTypes)) { try ProfileReader.decode(bytes) }
    }

    @Test func `text that is no UTF-8 is read with replacements`() throws {
        let bytes = message(locations: [1]) { message in
            message.field(6, [0x61, 0xff, 0x62])
            message.field(13, 3)
        }
        #expect(try ProfileReader.decode(bytes).comments.count == 1)
        let profile = try ProfileReader.decode(bytes)
        #expect(profile.string(profile.comments[0]) == "a\u{fffd}b")
    }

    @Test func `what follows a gzip file, and wrong checksums, are refused in the words of Go`() throws {
        let message = try ProfileEncoder.encode(ProfileFixture.full())
        let file = try Gzip.compress(message.rawSpan)
        var changed = file
        changed[changed.count - 5] ^= 1
        for (bytes, problem) in [(file + [1, 2, 3], "gzip: invalid header"), (changed, "gzip: invalid checksum")] {
            let error = #expect(throws: ProfileReadError.self) { try ProfileReader.decode(bytes) }
            #expect(error?.description == "decompressing profile: " + problem)
        }
    }

    @Test func `a file is read as it comes, in pieces of any size`() throws {
        let profile = ProfileFixture.large(samples: 40_000, depth: 12)
        let folder = TemporaryDirectory()
        let path = try folder.file(profile)
        let read = try ProfileReader.read(contentsOf: path)
        #expect(try ProfileEncoder.encode(read) == ProfileEncoder.encode(profile))
        try ProfileFile.write(ProfileEncoder.encode(profile), to: folder.path + "/raw")
        #expect(try ProfileReader.read(contentsOf: folder.path + "/raw").samples == profile.samples)
    }
}

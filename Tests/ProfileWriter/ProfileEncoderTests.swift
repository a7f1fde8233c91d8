import Primitives
import ProfileModel
import ProfileReader
import ProfileWriter
import Testing

@Suite struct ProfileEncoderTests {
    @Test func `the bytes of a small profile are those of the format`() throws {
        var profile = Profile(sampleTypes: [("n", "u")])
        let function = profile.addFunction(name: "f", systemName: "g")
        let location = profile.addLocation(
            mapping: nil, address: Address(0x80), lines: [Line(function: function, line: 300)])
        profile.addSample(locations: [location, location], values: [-1], labels: [])
        #expect(
            try ProfileEncoder.encode(profile) == [
                0x0a, 4, 0x08, 1, 0x10, 2,  // sample_type: "n", "u"
                0x12, 16, 0x0a, 2, 1, 1,  // sample: packed locations 1, 1
                0x12, 10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,  // packed value −1
                0x22, 12, 0x08, 1, 0x18, 0x80, 1, 0x22, 5, 0x08, 1, 0x10, 0xac, 2,  // location 1 at 0x80, line 300
                0x2a, 6, 0x08, 1, 0x10, 3, 0x18, 4,  // function 1: "f", "g"
                0x32, 0, 0x32, 1, 0x6e, 0x32, 1, 0x75, 0x32, 1, 0x66, 0x32, 1, 0x67,  // strings
            ])
    }

    @Test func `a profile that breaks a rule is not written`() {
        var profile = Profile(sampleTypes: [("n", "u")])
        profile.addSample(locations: [LocationIndex(rawValue: 3)], values: [1])
        #expect(throws: ProfileError.unknownLocation) { try ProfileEncoder.encode(profile) }
    }

    @Test(arguments: ["cpu", "alignment", "request"])
    func `the number 0 of a label without unit survives with the unit that pprof assumes`(key: String) throws {
        var profile = Profile(sampleTypes: [("n", "u")])
        profile.addSample(
            locations: [], values: [1], labels: [Label(key: profile.intern(key), number: 0, unit: .empty)])
        let read = try ProfileReader.decode(ProfileEncoder.encode(profile))
        let label = try #require(read.samples[0].labels.first)
        let unit = try #require(read.strings.identifier(of: key == "cpu" ? key : "bytes"))
        #expect(label.value == .number(0, unit: unit))
    }

    @Test func `the number 0 takes the unit that other labels of its key have`() throws {
        var profile = Profile(sampleTypes: [("n", "u")])
        let key = profile.intern("tid")
        let unit = profile.intern("id")
        profile.addSample(locations: [], values: [1], labels: [Label(key: key, number: 0, unit: .empty)])
        profile.addSample(locations: [], values: [1], labels: [Label(key: key, number: 5, unit: unit)])
        let read = try ProfileReader.decode(ProfileEncoder.encode(profile))
        #expect(read.samples.labels.map(\.value) == [.number(0, unit: unit), .number(5, unit: unit)])
    }

    @Test func `equal profiles give equal files`() throws {
        let first = try ProfileEncoder.encode(ProfileFixture.full())
        let second = try ProfileEncoder.encode(ProfileFixture.full())
        #expect(first == second)
        #expect(try Gzip.compress(first.rawSpan) == Gzip.compress(second.rawSpan))
        // RFC 1952: bytes 4 to 7 are the time.
        #expect(try Gzip.compress(first.rawSpan)[4..<8] == [0, 0, 0, 0])
    }
}

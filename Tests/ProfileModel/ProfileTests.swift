import Primitives
import ProfileModel
import Testing

@Suite struct ProfileTests {
    @Test func `equal strings and functions are kept once`() {
        var profile = Profile(sampleTypes: [("n", "u")])
        #expect(profile.intern("a") == profile.intern("a"))
        #expect(profile.intern("") == .empty)
        let function = profile.addFunction(name: "f", systemName: "g", file: "h", startLine: 3)
        #expect(profile.addFunction(name: "f", systemName: "g", file: "h", startLine: 3) == function)
        #expect(profile.addFunction(name: "f", systemName: "g", file: "h", startLine: 4) != function)
        #expect(profile.functions.count == 2)
        profile.functions.removeAll()
        #expect(profile.addFunction(name: "f", systemName: "g", file: "h", startLine: 3) == function)
    }

    @Test func `samples come back as they were added`() {
        let profile = ProfileFixture.full()
        #expect(profile.samples.count == 5)
        #expect(profile.samples[1].locations.map(\.rawValue) == [2, 2, 2, 0])
        #expect(Array(profile.samples[1].values) == [60, 600_000_000])
        #expect(profile.samples[0].labels.count == 2)
        #expect(profile.samples[2].labels.isEmpty)
    }

    @Test func `a label with empty text is left out`() {
        var profile = Profile(sampleTypes: [("n", "u")])
        profile.addSample(
            locations: [], values: [1], labels: [Label(key: profile.intern("comm"), string: .empty)])
        #expect(profile.samples[0].labels.isEmpty)
    }

    @Test func `the full profile is valid by the strict rules`() throws {
        try ProfileFixture.full().checkValid()
    }

    @Test func `each broken rule has its error`() {
        func problem(_ rules: Profile.ValidityRules = .strict, _ change: (inout Profile) -> Void) -> ProfileError? {
            var profile = ProfileFixture.full()
            change(&profile)
            do throws(ProfileError) {
                try profile.checkValid(rules)
                return nil
            } catch {
                return error
            }
        }
        #expect(problem { $0.defaultSampleType = .empty } == .unknownDefaultSampleType(""))
        #expect(problem { $0.defaultSampleType = $0.intern("x") } == .unknownDefaultSampleType("x"))
        #expect(problem(.pprof) { $0.defaultSampleType = $0.intern("x") } == nil)
        #expect(problem { $0.locations.removeLast() } == .unknownLocation)
        #expect(problem { $0.functions.removeLast() } == .unknownFunction(location: 6))
        #expect(problem { $0.mappings.removeLast() } == .unknownMapping(location: 4))
        #expect(problem { $0.docURL = StringID(rawValue: 9999) } == .unknownString)
        let twice = Profile(sampleTypes: [("n", "u"), ("n", "u")])
        #expect(throws: ProfileError.duplicateSampleType("n/u")) { try twice.checkValid() }
    }
}

import Primitives
import ProfileModel
import ProfileTransform
import Testing

@Suite struct ProfileMergeTests {
    /// A profile with one sample at an offset in a mapping of /bin/x, which starts at `start`.
    private func profile(
        start: UInt64 = 0x1000, offset: UInt64 = 0x10, value: Int64 = 1, unit: String = "ms", column: Int64 = 0,
        label: String? = nil
    ) -> Profile {
        var profile = Profile(sampleTypes: [("wait", unit)])
        profile.timeNanoseconds = Int64(start)
        profile.durationNanoseconds = 5
        profile.addComment("same")
        let mapping = profile.addMapping(
            addresses: Address(start)..<Address(start + 0x800), fileOffset: FileOffset(0), filename: "/bin/x")
        let function = profile.addFunction(name: "f", systemName: "f")
        let location = profile.addLocation(
            mapping: mapping, address: Address(start + offset),
            lines: [Line(function: function, line: 1, column: column)])
        let key = profile.intern("thread")
        let labels = label.map { [Label(key: key, string: profile.intern($0))] } ?? []
        profile.addSample(locations: [location], values: [value], labels: labels)
        return profile
    }

    @Test func `the same place in a file is the same wherever it was mapped`() throws {
        let merged = try ProfileMerge.combine([profile(start: 0x8000, value: 2), profile(start: 0x1000, value: 3)])
        #expect(merged.samples.map { Array($0.values) } == [[5]])
        #expect(merged.locations[0].address == Address(0x8010))
        #expect(merged.mappings.count == 1 && merged.functions.count == 1 && merged.comments.count == 1)
        #expect(merged.timeNanoseconds == 0x1000 && merged.durationNanoseconds == 10)
    }

    @Test func `other places, columns and labels are told apart`() throws {
        for other in [profile(offset: 0x20), profile(column: 2), profile(label: "t")] {
            #expect(try ProfileMerge.combine([profile(), other]).samples.count == 2)
        }
    }

    @Test func `units are converted into the finest`() throws {
        let merged = try ProfileMerge.combine([profile(value: 2), profile(value: 3, unit: "microseconds")])
        #expect(merged.samples.map { Array($0.values) } == [[2003]])
        #expect(merged.string(merged.sampleTypes[0].unit) == "microseconds")
    }

    @Test func `what cancels out is gone, with the locations that only it had`() throws {
        let difference = try profile().relative(to: profile(), mode: .subtract)
        #expect(difference.samples.isEmpty && difference.locations.isEmpty)
    }

    @Test func `a base to compare with is marked`() throws {
        let difference = try profile(value: 5).relative(to: profile(value: 2), mode: .compare)
        #expect(difference.samples.map { Array($0.values) } == [[5], [-2]])
        let label = difference.samples[1].labels.first
        #expect(label.map { difference.string($0.key) } == "pprof::base")
    }

    @Test func `normalizing makes the sums equal before the difference is taken`() throws {
        let difference = try profile(value: 50).relative(to: profile(value: 2), mode: .subtract, isNormalized: true)
        #expect(difference.samples.isEmpty)
    }

    @Test func `profiles without a common sample type are refused in pprof's words`() {
        var other = Profile(sampleTypes: [("x", "y")])
        other.timeNanoseconds = 1
        let error = #expect(throws: ProfileMergeError.self) { try ProfileMerge.combine([profile(), other]) }
        #expect(error?.description == "profiles have empty common sample type list")
        var (cpu, space) = (profile(), profile())
        cpu.setPeriod(1, type: "cpu", unit: "nanoseconds")
        space.setPeriod(1, type: "space", unit: "bytes")
        let problem = #expect(throws: ProfileMergeError.self) { try ProfileMerge.combine([cpu, space]) }
        #expect(problem?.description == "period type: incompatible types: {cpu nanoseconds 0 0} {space bytes 0 0}")
    }
}

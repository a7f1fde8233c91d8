import Primitives
import ProfileModel
import ProfileWriter

/// Profiles that others are made from.
enum FuzzSeeds {
    /// Small ones that together have every part of the format.
    static func messages() -> [[UInt8]] {
        [small(), full(idStep: 1), full(idStep: 1000), labelled()].compactMap { try? ProfileEncoder.encode($0) }
    }

    private static func small() -> Profile {
        var profile = Profile(sampleTypes: [("samples", "count")])
        let function = profile.addFunction(name: "main", systemName: "main")
        let location = profile.addLocation(mapping: nil, address: Address(1), lines: [Line(function: function)])
        profile.addSample(locations: [location], values: [1])
        return profile
    }

    private static func full(idStep: UInt64) -> Profile {
        var profile = Profile(sampleTypes: [("samples", "count"), ("cpu", "nanoseconds")])
        profile.defaultSampleType = profile.intern("cpu")
        profile.setPeriod(10, type: "cpu", unit: "ms")
        profile.timeNanoseconds = 1_700_000_000_000_000_000
        profile.durationNanoseconds = 2_500_000_000
        profile.addComment("comment")
        profile.docURL = profile.intern("https://example.org")
        profile.dropFrames = profile.intern("malloc|a.*b")
        profile.keepFrames = profile.intern("malloc_kept")
        let mappings = (0..<3).map { number in
            let start = Address((idStep << 20) * UInt64(number))
            return profile.addMapping(
                addresses: start..<Address(start.value + 4096), fileOffset: FileOffset(0), filename: "/bin/\(number)",
                buildID: BuildID([0xab, UInt8(number)]))
        }
        let names = [
            "a::b<c>(d)", "main", "closure #1 (Swift.Int) -> () in main.F<A>.é(x: [A], B) -> C", "malloc", "",
            "a::<impl b::C<d> for e::F>::g::{{closure}}",
        ]
        let systemNames = ["_Z0", "_Z1", "$s4main3f", "_Z3", "_Z4", "_RNv"]
        var functions: [FunctionIndex] = []
        for (number, name) in names.enumerated() {
            functions.append(
                profile.addFunction(
                    name: name, systemName: systemNames[number], file: "/src/\(number % 3).c", startLine: Int64(number))
            )
        }
        var locations: [LocationIndex] = []
        for number in 0..<12 {
            var lines: [Line] = []
            for depth in 0..<number % 4 {
                lines.append(Line(function: functions[(depth + number) % 6], line: 7, column: 2))
            }
            locations.append(
                profile.addLocation(
                    mapping: number == 0 ? nil : mappings[number % 3], address: Address(UInt64(number) * 64),
                    lines: lines, isFolded: number == 5))
        }
        for number in 0..<20 {
            let stack = (0..<number % 7).map { locations[($0 * number + 3) % 12] }
            profile.addSample(locations: stack, values: [Int64(number) - 2, Int64(number) << 40])
        }
        return profile
    }

    private static func labelled() -> Profile {
        var profile = full(idStep: 3)
        let (thread, bytes) = (profile.intern("thread"), profile.intern("bytes"))
        let (one, kilobytes) = (profile.intern("one"), profile.intern("kilobytes"))
        for number in 0..<10 {
            profile.addSample(
                locations: [LocationIndex(rawValue: UInt32(number))], values: [1, 2],
                labels: [
                    Label(key: thread, string: one), Label(key: bytes, number: Int64(number) << number, unit: .empty),
                    Label(key: bytes, number: 3, unit: kilobytes),
                ])
        }
        return profile
    }
}

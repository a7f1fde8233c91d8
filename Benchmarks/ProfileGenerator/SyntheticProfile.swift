import Primitives
import ProfileModel

/// A profile like that of a large C++ service: 20 000 functions with three sampled addresses each, one in five of them
/// with inlined calls, stacks of `depth` frames, and a thread label.
///
/// A quarter of the frames, at the root, is one of fifty common paths. The others are drawn independently, with a
/// density that falls with the root of the function's number: a few hundred functions are above pprof's cutoff of
/// 0.5 %, as in real profiles, and there are as many different calls as possible, which is what graphs cost. It
/// compresses to about 60 %; real profiles have stacks more alike and do better.
func syntheticProfile(samples: Int, depth: Int, functionCount: Int = 20_000) -> Profile {
    var random = SeededGenerator(seed: 1)
    var profile = Profile(sampleTypes: [("samples", "count"), ("cpu", "nanoseconds")])
    profile.defaultSampleType = profile.intern("cpu")
    profile.setPeriod(10_000_000, type: "cpu", unit: "nanoseconds")
    profile.timeNanoseconds = 1_700_000_000_000_000_000
    profile.durationNanoseconds = 60_000_000_000
    let program = profile.addMapping(
        addresses: Address(0x40_0000)..<Address(0x4000_0000), fileOffset: FileOffset(0), filename: "/usr/bin/service")
    // Without these, pprof looks for the file to find names in it.
    profile.mappings[0].hasFunctions = true
    profile.mappings[0].hasFilenames = true
    profile.mappings[0].hasLineNumbers = true
    profile.mappings[0].hasInlineFrames = true
    for number in 0..<functionCount {
        _ = profile.addFunction(
            name: "service::module\(number % 97)::Class\(number / 40)::method\(number)",
            systemName: "_ZN7service\(number)Ev", file: "/src/service/module\(number % 97)/class\(number / 40).cc",
            startLine: Int64(number % 900) + 1)
    }
    for number in 0..<functionCount * 3 {
        var lines = [Line(function: FunctionIndex(rawValue: UInt32(number / 3)), line: Int64(number % 1000) + 1)]
        if number % 5 == 0 {
            let inlined = FunctionIndex(rawValue: UInt32(random.below(functionCount)))
            lines.insert(Line(function: inlined, line: Int64(number % 300) + 1), at: 0)
        }
        _ = profile.addLocation(mapping: program, address: Address(0x40_0000 + UInt64(number) * 48), lines: lines)
    }
    let thread = profile.intern("thread")
    let threads = (0..<16).map { profile.intern("worker-\($0)") }
    let locationCount = profile.locations.count
    let rootDepth = depth / 4
    let roots = (0..<50).map { _ in (0..<rootDepth).map { _ in random.location(of: locationCount) } }
    for _ in 0..<samples {
        var stack = (rootDepth..<depth).map { _ in random.location(of: locationCount) }
        stack += roots[random.below(roots.count)]
        let count = Int64(random.below(20) + 1)
        profile.addSample(
            locations: stack, values: [count, count * 10_000_000],
            labels: [Label(key: thread, string: threads[random.below(threads.count)])])
    }
    return profile
}

extension SeededGenerator {
    /// A location, lower ones more often: the square of a uniform number in 0..<1 has the density 1 / (2 √x).
    fileprivate mutating func location(of count: Int) -> LocationIndex {
        let part = nextFraction()
        return LocationIndex(rawValue: UInt32(part * part * Double(count)))
    }
}

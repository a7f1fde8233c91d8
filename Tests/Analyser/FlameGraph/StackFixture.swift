import Primitives
import ProfileModel

/// Profiles from stacks written as text: `main;parse;[inlined]read 12`.
enum StackFixture {
    /// A profile with one sample for each of `stacks`: frames root first, separated by semicolons, then the number of
    /// samples. A frame that starts with `~` is inlined into the one before.
    static func profile(
        _ stacks: [(String, Int64)], base: [(String, Int64)] = [], mapping: String = "/usr/bin/program",
        file: String = "/src/program.c", nanosecondsPerSample: Int64 = 10_000_000
    ) -> Profile {
        var profile = Profile(sampleTypes: [("samples", "count"), ("cpu", "nanoseconds")])
        profile.defaultSampleType = profile.intern("cpu")
        profile.setPeriod(nanosecondsPerSample, type: "cpu", unit: "nanoseconds")
        let program = profile.addMapping(
            addresses: Address(0x40_0000)..<Address(0x50_0000), fileOffset: FileOffset(0), filename: mapping)
        var known: [String: LocationIndex] = [:]
        func location(_ text: String) -> LocationIndex {
            if let known = known[text] { return known }
            // The outermost first, as they are written; a location has the innermost first.
            let lines = text.split(separator: "~").reversed().map { name in
                Line(
                    function: profile.addFunction(name: String(name), systemName: "_\(name)", file: file), line: 1)
            }
            let location = profile.addLocation(
                mapping: program, address: Address(0x40_0000 + UInt64(known.count)), lines: lines)
            known[text] = location
            return location
        }
        func add(_ stack: String, _ values: [Int64], _ labels: [Label]) {
            let joined = stack.split(separator: ";").reduce(into: [String]()) { frames, frame in
                if frame.hasPrefix("~"), let last = frames.popLast() {
                    frames.append(last + frame)
                } else {
                    frames.append(String(frame))
                }
            }
            profile.addSample(locations: joined.reversed().map(location), values: values, labels: labels)
        }
        for (stack, count) in stacks { add(stack, [count, count * nanosecondsPerSample], []) }
        let mark = Label(key: profile.intern("pprof::base"), string: profile.intern("true"))
        for (stack, count) in base { add(stack, [-count, count * -10_000_000], [mark]) }
        return profile
    }
}

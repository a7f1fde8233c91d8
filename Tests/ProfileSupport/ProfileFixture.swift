import Primitives
import ProfileModel

/// Profiles for tests.
enum ProfileFixture {
    /// A profile that uses every part of the format: inlined calls, recursion, locations without names, labels of both
    /// kinds, names that pprof would rewrite.
    static func full() -> Profile {
        var profile = Profile(sampleTypes: [("samples", "count"), ("cpu", "nanoseconds")])
        profile.defaultSampleType = profile.intern("cpu")
        profile.setPeriod(10_000_000, type: "cpu", unit: "nanoseconds")
        profile.timeNanoseconds = 1_700_000_000_000_000_000
        profile.durationNanoseconds = 2_500_000_000
        profile.addComment("sprof test")
        profile.addComment("# hidden from headers")
        profile.docURL = profile.intern("https://example.org/doc")
        let program = profile.addMapping(
            addresses: Address(0x40_0000)..<Address(0x50_0000), fileOffset: FileOffset(0x1000),
            filename: "/usr/bin/program", buildID: BuildID([0xab, 0xcd, 0x01]))
        profile.mappings[0].hasFunctions = true
        profile.mappings[0].hasFilenames = true
        profile.mappings[0].hasLineNumbers = true
        profile.mappings[0].hasInlineFrames = true
        let library = profile.addMapping(
            addresses: Address(0x7f00_0000_0000)..<Address(0x7f00_0010_0000), fileOffset: FileOffset(0),
            filename: "[vdso]")
        let main = profile.addFunction(name: "main", systemName: "main", file: "/src/main.c", startLine: 10)
        let generic = profile.addFunction(
            name: "main.Foo<Swift.Int>.bar(_: Swift.Int) -> Swift.String", systemName: "$s4main3FooV3baryS2iF",
            file: "/src/Foo.swift", startLine: 3)
        let inlined = profile.addFunction(name: "closure #1 in hot", systemName: "$s4mainU_", file: "/src/Foo.swift")
        let recursive = profile.addFunction(name: "fib", systemName: "fib", file: "/src/fib.c", startLine: 1)
        let rare = profile.addFunction(name: "rare", systemName: "rare")
        let locations = [
            profile.addLocation(
                mapping: program, address: Address(0x40_1000), lines: [Line(function: main, line: 12, column: 4)]),
            profile.addLocation(
                mapping: program, address: Address(0x40_2000),
                lines: [Line(function: inlined, line: 7), Line(function: generic, line: 5)]),
            profile.addLocation(
                mapping: program, address: Address(0x40_3000), lines: [Line(function: recursive, line: 2)]),
            profile.addLocation(mapping: library, address: Address(0x7f00_0000_1234), lines: []),
            profile.addLocation(mapping: nil, address: Address(0xffff_ffff_8100_0000), lines: []),
            profile.addLocation(
                mapping: program, address: Address(0x40_4000), lines: [Line(function: rare, line: 1)], isFolded: true),
        ]
        let comm = profile.intern("comm")
        let tid = profile.intern("tid")
        let unit = profile.intern("id")
        let worker = profile.intern("worker \"é\"")
        func add(_ stack: [Int], _ count: Int64, _ labels: [Label] = []) {
            profile.addSample(
                locations: stack.map { locations[$0] }, values: [count, count * 10_000_000], labels: labels)
        }
        add([1, 0], 100, [Label(key: comm, string: worker), Label(key: tid, number: 17, unit: unit)])
        add([2, 2, 2, 0], 60, [Label(key: tid, number: 0, unit: .empty)])
        add([3, 1, 0], 39)
        add([4, 3, 0], 17, [Label(key: comm, string: worker)])
        add([5, 0], 1)
        return profile
    }

    /// A profile of `samples` distinct stacks with `depth` frames each, in which every location has a function.
    static func large(samples: Int, depth: Int, locationCount: Int = 20_000) -> Profile {
        var random = SeededGenerator(seed: 1)
        var profile = Profile(sampleTypes: [("samples", "count"), ("cpu", "nanoseconds")])
        profile.defaultSampleType = profile.intern("cpu")
        let mapping = profile.addMapping(
            addresses: Address(0x40_0000)..<Address(0x4000_0000), fileOffset: FileOffset(0), filename: "/bin/large")
        // pprof looks for the file, and complains that it is missing, unless these three say that all is known.
        profile.mappings[0].hasFunctions = true
        profile.mappings[0].hasFilenames = true
        profile.mappings[0].hasLineNumbers = true
        var locations: [LocationIndex] = []
        for number in 0..<locationCount {
            let function = profile.addFunction(
                name: "function\(number / 4)", systemName: "_Z\(number / 4)", file: "/src/file\(number / 40).cpp",
                startLine: 1)
            locations.append(
                profile.addLocation(
                    mapping: mapping, address: Address(0x40_0000 + UInt64(number) * 16),
                    lines: number % 3 == 0 && number >= 80
                        ? [Line(function: FunctionIndex(rawValue: UInt32(number / 8))), Line(function: function)]
                        : [Line(function: function, line: Int64(number % 500))]))
        }
        let tid = profile.intern("tid")
        let unit = profile.intern("id")
        for _ in 0..<samples {
            let stack = (0..<depth).map { _ in locations[Int(random.next() % UInt64(locationCount))] }
            let count = Int64(random.next() % 50) + 1
            profile.addSample(
                locations: stack, values: [count, count * 1_001_001],
                labels: [Label(key: tid, number: Int64(random.next() % 64), unit: unit)])
        }
        return profile
    }
}

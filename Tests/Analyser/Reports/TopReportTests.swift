import Primitives
import ProfileModel
import ProfileReader
import ProfileReport
import ProfileTransform
import ProfileWriter
import Testing

@Suite struct TopReportTests {
    @Test func `the golden text of top holds`() throws {
        #expect(try TopReport(Self.profile()).render() == Self.goldenText)
    }

    @Test func `JSON holds the same entries and escapes names`() throws {
        var profile = Profile(sampleTypes: [("samples", "count")])
        let function = profile.addFunction(name: "a\"\\\n\u{1}é", systemName: "x")
        let location = profile.addLocation(mapping: nil, address: .init(1), lines: [Line(function: function)])
        profile.addSample(locations: [location], values: [3])
        #expect(
            try TopReport(profile).json.text
                == #"{"type":"samples","unit":"count","total":3,"dropped":0,"header":["Type: samples","#
                + #""Showing nodes accounting for 3, 100% of 3 total"],"entries":["#
                + #"{"name":"a\"\\\n\u0001é","flat":3,"cum":3,"inlining":"never"}]}"#)
    }

    @Test func `a sample type that is not there gives no report, and pprof's words`() throws {
        #expect(throws: ReportError.noSampleTypes) { try TopReport(Profile(sampleTypes: [])) }
        for (index, message) in [
            ("7", "sample_index 7 is outside the range [0..1]"), ("-1", "sample_index -1 is outside the range [0..1]"),
            ("wait", #"sample_index "wait" must be one of: [samples cpu]"#),
        ] {
            var options = ReportOptions()
            options.sampleIndex = index
            let error = #expect(throws: ReportError.self) { try TopReport(Self.profile(), options: options) }
            #expect(error?.description == message)
        }
        var options = ReportOptions()
        options.sampleIndex = "inuse_samples"
        #expect(try TopReport(Self.profile(), options: options).sampleType == "samples")
        options.divideBy = 0
        #expect(throws: ReportError.zeroDivisor) { try TopReport(Self.profile(), options: options) }
    }

    @Test(arguments: ReportKind.allCases) func `values at the ends of their range do not trap`(kind: ReportKind) throws
    {
        var profile = Profile(sampleTypes: [("x", "count"), ("cpu", "nanoseconds")])
        profile.durationNanoseconds = .min
        profile.timeNanoseconds = .min
        let bytes = profile.intern("bytes")
        let function = profile.addFunction(name: "f", systemName: "f", startLine: .min)
        let locations = [1, UInt64.max, 0].map { address in
            profile.addLocation(
                mapping: nil, address: .init(address), lines: [Line(function: function, line: .min, column: .max)])
        }
        for value in [Int64.min, .max, .max, -1, 0] {
            profile.addSample(
                locations: locations + locations, values: [value, value],
                labels: [Label(key: bytes, number: value, unit: .empty)])
        }
        for granularity in ReportOptions.Granularity.allCases {
            for divisor in [1, 1e-300, 1e300, -1] {
                for isMean in [false, true] {
                    var test = ReportCase(kind: kind, expression: ".")
                    test.options.granularity = granularity
                    test.options.divideBy = divisor
                    test.options.mean = isMean
                    test.options.callTree = isMean
                    test.options.nodeFraction = divisor
                    _ = try? test.render(profile)
                    _ = try TopProfile(ReportContext(profile, kind: .topproto, options: test.options))
                }
            }
        }
    }

    @Test(.enabled(if: PprofProgram.isPresent, "go with its pprof is not installed"))
    func `topproto holds the entries and numbers that pprof's does`() throws {
        let folder = ScratchFolder()
        for (number, kind) in ProfileKind.allCases.enumerated() where kind != .empty {
            let path = folder.path + "/\(number).pb.gz"
            try ProfileFile.write(kind.profile(seed: 3), to: path)
            var profile = try Self.read(path)
            profile.finishNames()
            #expect(profile.removeUninterestingFrames() == nil)
            for (granularity, unit) in [
                (ReportOptions.Granularity.lines, "minimum"), (.functions, "us"), (.files, "auto"),
            ] {
                var options = ReportOptions()
                options.granularity = granularity
                options.unit = unit
                options.nodeFraction = 0.05
                let answer = PprofProgram.report(
                    [
                        "-topproto", "-\(granularity.rawValue)", "-unit=" + unit, "-nodefraction=0.05",
                        "-output=\(folder.path)/out",
                    ], on: path)
                #expect(answer.status == 0)
                let theirs = try Self.read(folder.path + "/out")
                let ours = try TopProfile(ReportContext(profile, kind: .topproto, options: options)).profile
                // Entries that print alike are in no certain order.
                #expect(Self.lines(ours).sorted() == Self.lines(theirs).sorted(), "\(kind) \(granularity)")
                #expect(ours.durationNanoseconds == theirs.durationNanoseconds && ours.period == theirs.period)
            }
        }
    }

    private static func read(_ path: String) throws -> Profile {
        try ProfileReader.decode(FileDescriptor(opening: path).readToEnd(limit: 1 << 24))
    }

    private static func lines(_ profile: Profile) -> [String] {
        let types = profile.sampleTypes.map { profile.string($0.type) + "/" + profile.string($0.unit) }
        return [types.joined(separator: " ")]
            + profile.samples.map { sample in
                let location = profile.locations[Int(sample.locations.first?.rawValue ?? 0)]
                let line = location.lines[0]
                let function = profile.functions[Int(line.function.rawValue)]
                let names = [function.name, function.systemName, function.filename].map(profile.string)
                return "\(Array(sample.values)) \(names) \(function.startLine) \(line.line) \(location.address)"
            }
    }

    /// Inlined calls, recursion, locations without names.
    private static func profile() -> Profile {
        var profile = Profile(sampleTypes: [("samples", "count"), ("cpu", "nanoseconds")])
        profile.defaultSampleType = profile.intern("cpu")
        profile.durationNanoseconds = 2_500_000_000
        profile.addComment("sprof test")
        profile.addComment("# hidden from headers")
        profile.docURL = profile.intern("https://example.org/doc")
        let program = profile.addMapping(
            addresses: Address(0x40_0000)..<Address(0x50_0000), fileOffset: FileOffset(0x1000),
            filename: "/usr/bin/program", buildID: BuildID([0xab, 0xcd, 0x01]))
        let library = profile.addMapping(
            addresses: Address(0x7000_0000)..<Address(0x7010_0000), fileOffset: FileOffset(0), filename: "[vdso]")
        let names = [
            "main", "main.Foo<Swift.Int>.bar(_: Swift.Int) -> Swift.String", "closure #1 in hot", "fib", "rare",
        ]
        let functions = names.map {
            profile.addFunction(name: $0, systemName: "_" + $0, file: "/src/file", startLine: 3)
        }
        func location(_ mapping: MappingIndex?, _ address: UInt64, _ lines: [Int]) -> LocationIndex {
            profile.addLocation(
                mapping: mapping, address: Address(address), lines: lines.map { Line(function: functions[$0], line: 7) }
            )
        }
        let locations = [
            location(program, 0x40_1000, [0]), location(program, 0x40_2000, [2, 1]), location(program, 0x40_3000, [3]),
            location(library, 0x7000_1234, []), location(nil, 0xffff_ffff_8100_0000, []),
            location(program, 0x40_4000, [4]),
        ]
        for (stack, count) in [([1, 0], 100), ([2, 2, 2, 0], 60), ([3, 1, 0], 39), ([4, 3, 0], 17), ([5, 0], 1)] {
            profile.addSample(
                locations: stack.map { locations[$0] }, values: [Int64(count), Int64(count) * 10_000_000])
        }
        return profile
    }

    private static let goldenText = """
        File: program
        Build ID: abcd01
        sprof test
        Type: cpu
        Doc: https://example.org/doc
        Duration: 2.50s, Total samples = 2170ms (86.80%)
        Showing nodes accounting for 2160ms, 99.54% of 2170ms total
        Dropped 1 node (cum <= 10.85ms)
              flat  flat%   sum%        cum   cum%
            1000ms 46.08% 46.08%     1390ms 64.06%  closure #1 in hot (inline)
             600ms 27.65% 73.73%      600ms 27.65%  fib
             390ms 17.97% 91.71%      560ms 25.81%  [[vdso]]
             170ms  7.83% 99.54%      170ms  7.83%  <unknown>
                 0     0% 99.54%     2170ms   100%  main
                 0     0% 99.54%     1390ms 64.06%  main.Foo<Swift.Int>.bar(_: Swift.Int) -> Swift.String

        """
}

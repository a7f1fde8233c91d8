import Primitives
import ProfileModel
import ProfileReport
import Testing

@Suite struct TopReportTests {
    @Test func `the golden text of -top holds`() throws {
        var profile = ProfileFixture.full()
        profile.timeNanoseconds = 0
        #expect(try TopReport(profile).render() == Self.goldenTop)
    }

    @Test(.enabled(if: PprofOracle.isPresent, "go 1.19 with its pprof is not installed"))
    func `pprof prints the same, whatever the options`() throws {
        let directory = TemporaryDirectory()
        var count = 0
        for (name, profile) in [
            ("full", ProfileFixture.full()),
            ("large", ProfileFixture.large(samples: 300, depth: 8, locationCount: 900)),
            ("few", ProfileFixture.large(samples: 40, depth: 3, locationCount: 60)),
        ] {
            let path = try directory.file(profile, named: name)
            for type in 0..<2 {
                for sortsByCumulative in [false, true] {
                    for nodeCount in [0, 2, 5, 30] {
                        var options = TopReport.Options()
                        options.sampleTypeIndex = type
                        options.sortsByCumulative = sortsByCumulative
                        options.nodeCount = nodeCount
                        let arguments =
                            "-top -sample_index=\(type) \(sortsByCumulative ? "-cum" : "") -nodecount=\(nodeCount)"
                        let theirs = PprofOracle.run(arguments, on: path)
                        #expect(theirs.errors == "", "\(arguments)")
                        #expect(
                            try TopReport(profile, options: options).render() == theirs.output, "\(name) \(arguments)")
                        count += 1
                    }
                }
            }
            #expect(try TopReport(profile).render() == PprofOracle.run("-top", on: path).output)
        }
        #expect(count == 48)
    }

    @Test(.enabled(if: PprofOracle.isPresent, "go 1.19 with its pprof is not installed"))
    func `names print as pprof prints them`() throws {
        let names = [
            "foo<T>::bar(int)", "main.plain(_: Swift.Int) -> Swift.String", "std::vector<std::pair<int, int>>::push",
            "closure #1 in static Foo.main() [async]", "operator<", "a::b)c(d", "x(y<z", "[truncated]", "Class.<init>",
            "f.(*Bar[...]).Method(x)", "[unwind failed: no table (x)]", "plain", "f(int)", "a<b>c<d>e::f(g)h(i)",
        ]
        let directory = TemporaryDirectory()
        var profile = Profile(sampleTypes: [("samples", "count")])
        for (number, name) in names.enumerated() {
            let function = profile.addFunction(name: name, systemName: name)
            let location = profile.addLocation(
                mapping: nil, address: .init(UInt64(number) + 1), lines: [Line(function: function)])
            profile.addSample(locations: [location], values: [Int64(100 + number)])
        }
        let path = try directory.file(profile, named: "names")
        #expect(try TopReport(profile).render() == PprofOracle.run("-top", on: path).output)
    }

    @Test func `a profile without sample types gives no report`() {
        #expect(throws: TopReport.Failure.noSampleTypes) { try TopReport(Profile(sampleTypes: [])) }
        var options = TopReport.Options()
        options.sampleTypeIndex = 7
        #expect(throws: TopReport.Failure.unknownSampleType(7)) {
            try TopReport(ProfileFixture.full(), options: options)
        }
    }

    @Test func `values at the ends of their range do not trap`() throws {
        var profile = Profile(sampleTypes: [("cpu", "nanoseconds")])
        let location = profile.addLocation(mapping: nil, address: .init(1), lines: [])
        profile.durationNanoseconds = .min
        profile.timeNanoseconds = .min
        for value in [Int64.min, .max, .max, -1] { profile.addSample(locations: [location], values: [value]) }
        #expect(try !TopReport(profile).render().isEmpty)
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

    private static let goldenTop = """
        File: program
        Build ID: abcd01
        sprof test
        Type: cpu
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

import Primitives
import ProfileModel
import ProfileReport
import Testing

/// Golden texts, which pprof of July 2026 prints too; Debian's prints `tags` differently.
@Suite struct SampleReportTests {
    private func profile() -> Profile {
        var profile = Profile(sampleTypes: [("samples", "count"), ("cpu", "nanoseconds")])
        profile.defaultSampleType = profile.intern("cpu")
        profile.setPeriod(10, type: "cpu", unit: "ms")
        profile.durationNanoseconds = 100_250_000_000
        profile.addComment("made by hand")
        profile.addComment("#hidden")
        let mapping = profile.addMapping(
            addresses: Address(0x1000)..<Address(0x2000), fileOffset: FileOffset(0), filename: "/bin/a b",
            buildID: BuildID([0xab]))
        profile.mappings[0].hasFunctions = true
        let inlined = profile.addFunction(name: "inlined", systemName: "_Zi", file: "/i.c", startLine: 3)
        let main = profile.addFunction(name: "main", systemName: "main", file: "/m.c")
        let locations = [
            profile.addLocation(
                mapping: mapping, address: Address(0x1010),
                lines: [Line(function: inlined, line: 4, column: 2), Line(function: main, line: 7)], isFolded: true),
            profile.addLocation(mapping: nil, address: Address(0xffff), lines: []),
        ]
        let (thread, bytes) = (profile.intern("thread"), profile.intern("bytes"))
        let (one, two) = (profile.intern("one"), profile.intern("the second"))
        profile.addSample(
            locations: locations, values: [3, 30_000_000],
            labels: [Label(key: thread, string: one), Label(key: bytes, number: 4096, unit: .empty)])
        profile.addSample(
            locations: [locations[0]], values: [12, 1_200_000_000],
            labels: [Label(key: thread, string: two), Label(key: bytes, number: 7, unit: .empty)])
        return profile
    }

    private func context(_ kind: ReportKind) throws -> ReportContext {
        try ReportContext(profile(), kind: kind, numericLabelUnits: ["bytes": "bytes"])
    }

    @Test func `tags lists keys with their values, the heaviest first`() throws {
        #expect(
            try TagsReport(context(.tags)).render() == """
                 bytes: Total 1.23s of 1.23s (  100%)
                        1.20s (97.56%): 7B
                         30ms ( 2.44%): 4kB

                 thread: Total 1.23s of 1.23s (  100%)
                         1.20s (97.56%): the second
                          30ms ( 2.44%): one


                """)
    }

    @Test func `traces prints every sample with its labels`() throws {
        #expect(
            try TracesReport(context(.traces)).render() == """
                File: a b
                Build ID: ab
                made by hand
                Type: cpu
                Duration: 100.25s, Total samples = 1.23s ( 1.23%)
                -----------+-------------------------------------------------------
                    thread:  one
                     bytes:  4kB
                      30ms   inlined (inline)
                             main
                             <unknown>
                -----------+-------------------------------------------------------
                    thread:  the second
                     bytes:  7B
                     1.20s   inlined (inline)
                             main
                -----------+-------------------------------------------------------

                """)
    }

    @Test func `raw prints everything, with the ids of the file`() throws {
        var profile = profile()
        profile.fileIDs = FileIDs(locations: [70, 7], mappings: [5])
        let text = RawReport(try ReportContext(profile, kind: .raw)).render()
        #expect(
            text == """
                Comment: made by hand
                Comment: #hidden
                PeriodType: cpu ms
                Period: 10
                Duration: 1m40
                Samples:
                samples/count cpu/nanoseconds[dflt]
                          3   30000000: 70 7 \n\
                                thread:[one]
                                bytes:[4096]
                         12 1200000000: 70 \n\
                                thread:[the second]
                                bytes:[7]
                Locations
                    70: 0x1010 M=5 [F] inlined /i.c:4:2 s=3(_Zi)
                             main /m.c:7:0 s=0
                     7: 0xffff \nMappings
                5: 0x1000/0x2000/0x0 /bin/a b ab [FN]

                """)
    }

    @Test func `comments prints hidden ones too, and proto divides`() throws {
        #expect(try CommentsReport(context(.comments)).render() == "made by hand\n#hidden\n")
        var options = ReportOptions()
        options.divideBy = 7
        let divided = try ProtoReport(ReportContext(profile(), kind: .proto, options: options)).profile
        #expect(divided.samples.map { Array($0.values) } == [[0, 4_285_714], [1, 171_428_571]])
    }

    @Test func `a report of many samples is handed on in pieces`() throws {
        var profile = profile()
        for _ in 0..<20_000 {
            profile.addSample(locations: [LocationIndex(rawValue: 0)], values: [1, 1])
        }
        let report = RawReport(try ReportContext(profile, kind: .raw))
        var sizes: [Int] = []
        report.write { sizes.append($0.byteCount) }
        #expect(sizes.reduce(0, +) == report.render().utf8.count)
        #expect(sizes.count > 5 && sizes.allSatisfy { $0 < 1 << 17 })
    }
}

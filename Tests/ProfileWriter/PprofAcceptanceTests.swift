import ProfileModel
import Testing

/// Written files, read by Go's pprof.
@Suite(.enabled(if: PprofOracle.isPresent, "go 1.19 with its pprof is not installed"))
struct PprofAcceptanceTests {
    @Test(arguments: ["-top", "-traces", "-raw", "-peek .", "-dot", "-tree", "-tags", "-comments", "-proto"])
    func `no command of pprof warns about a written file`(command: String) throws {
        let directory = TemporaryDirectory()
        let path = try directory.file(ProfileFixture.full())
        let result = PprofOracle.run(command + (command == "-proto" ? " -output=/dev/null" : ""), on: path)
        #expect(result.status == 0)
        let expected = command == "-proto" ? "Generating report in /dev/null\n" : ""
        #expect(result.errors == expected)
    }

    @Test func `-raw shows every part of the profile as it was built`() throws {
        let directory = TemporaryDirectory()
        let path = try directory.file(ProfileFixture.full())
        #expect(PprofOracle.shell("TZ=UTC go tool pprof -raw '\(path)'").output == Self.goldenRaw)
    }

    private static let goldenRaw = """
        Comment: sprof test
        Comment: # hidden from headers
        PeriodType: cpu nanoseconds
        Period: 10000000
        Time: 2023-11-14 22:13:20 +0000 UTC
        Duration: 2.5s
        Samples:
        samples/count cpu/nanoseconds[dflt]
                100 1000000000: 1 2 
                        comm:[worker "é"]
                        tid:[17 id]
                 60  600000000: 3 3 3 2 
                        tid:[0 id]
                 39  390000000: 4 1 2 
                 17  170000000: 5 4 2 
                        comm:[worker "é"]
                  1   10000000: 6 2 
        Locations
             1: 0x402000 M=1 closure #1 in hot /src/Foo.swift:7 s=0($s4mainU_)
                     main.Foo<Swift.Int>.bar(_: Swift.Int) -> Swift.String /src/Foo.swift:5 s=3($s4main3FooV3baryS2iF)
             2: 0x401000 M=1 main /src/main.c:12 s=10
             3: 0x403000 M=1 fib /src/fib.c:2 s=1
             4: 0x7f0000001234 M=2 
             5: 0xffffffff81000000 
             6: 0x404000 M=1 [F] rare :1 s=0
        Mappings
        1: 0x400000/0x500000/0x1000 /usr/bin/program abcd01 [FN][FL][LN][IN]
        2: 0x7f0000000000/0x7f0000100000/0x0 [vdso]  

        """
}

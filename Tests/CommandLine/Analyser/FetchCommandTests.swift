import Glibc
import Primitives
import ProfileModel
import ProfileReader
import ProfileWriter
import Testing

/// Profiles from servers.
@Suite(
    .enabled(if: SprofBinary.path != nil, Comment(rawValue: SprofBinary.reason)),
    .enabled(if: dlopen("libcurl.so.4", RTLD_NOW) != nil, "libcurl is not installed"))
struct FetchCommandTests {
    private let fixture: AnalyserFixture
    private let profile: [UInt8]

    init() throws {
        fixture = try AnalyserFixture()
        profile = try #require(contents(ofSmallFile: fixture.folder.path + "/cpu.pb.gz"))
    }

    @Test("A profile is fetched from host:port, reported on, and saved under pprof's name")
    func fetch() throws {
        let server = try TinyServer(["/debug/pprof/profile": .init(body: profile)])
        defer { server.stop() }
        let outcome = try fixture.sprof("-top -seconds 90 localhost:\(server.port)")
        #expect(outcome.status == 0)
        #expect(try outcome.output == fixture.sprof("-top cpu.pb.gz").output)
        let saved = fixture.folder.path + "/saved/pprof.program.samples.cpu.001.pb.gz"
        #expect(
            outcome.errors == """
                Fetching profile over HTTP from http://localhost:\(server.port)/debug/pprof/profile?seconds=90
                Please wait... (1m30s)
                Saved profile in \(saved)

                """)
        #expect(server.requestedPaths == ["/debug/pprof/profile?seconds=90"])
        #expect(try fixture.sprof("-top '\(saved)'").output == outcome.output)
        #expect(try fixture.sprof("-top localhost:\(server.port)").errors.contains("samples.cpu.002.pb.gz"))
    }

    @Test("An answer that the server compressed once more is read, and so is one from a port without a name")
    func encodedAnswer() throws {
        let twice = try Gzip.compress(profile.span.bytes)
        let server = try TinyServer([
            "/debug/pprof/profile": .init(headers: ["Content-Encoding: gzip"], body: twice)
        ])
        defer { server.stop() }
        let outcome = try fixture.sprof("-top :\(server.port)")
        #expect(try outcome.output == fixture.sprof("-top cpu.pb.gz").output, "\(outcome.errors)")
    }

    /// The protocol of net/http/pprof's and gperftools' servers; C++ names become readable, as all do.
    @Test(
        "A server names the addresses that its profile has no names for, as pprof asks it", arguments: ["", "remote"])
    func symbolServer(mode: String) throws {
        var nameless = Profile(sampleTypes: [("samples", "count")])
        let mapping = nameless.addMapping(
            addresses: Address(0x1000)..<Address(0x9000), fileOffset: FileOffset(0), filename: "/nowhere/app")
        let stack = [0x1100, 0x1200, 0x1300].map { address in
            nameless.addLocation(mapping: mapping, address: Address(address), lines: [])
        }
        nameless.addSample(locations: stack, values: [7])
        let body = try contents(ofSmallFile: fixture.folder.file(nameless, named: "nameless.pb.gz"))
        let server = try TinyServer([
            "/debug/pprof/profile": .init(body: #require(body)),
            "/debug/pprof/symbol": .init(
                body: Array("num_symbols: 1\n0x1100 _ZN3app4workEi\n0x1200\tmain.main\n".utf8)),
        ])
        defer { server.stop() }
        let outcome = try fixture.sprof("-top -symbolize='\(mode)' localhost:\(server.port)")
        #expect(outcome.output.contains("app::work\n") && outcome.output.contains("main.main\n"), "\(outcome)")
        #expect(server.postedBodies == ["0x1100+0x1200+0x1300"])
        #expect(try outcome.output == fixture.pprof("-top -symbolize='\(mode)' localhost:\(server.port)").output)
        #expect(server.postedBodies == Array(repeating: "0x1100+0x1200+0x1300", count: 2))
        // Only files of this machine.
        #expect(try !fixture.sprof("-top -symbolize=local localhost:\(server.port)").output.contains("work"))
        #expect(server.postedBodies.count == 2)
    }

    @Test("A server that names nothing is told of, and the profile is shown")
    func noSymbolServer() throws {
        var nameless = Profile(sampleTypes: [("samples", "count")])
        let mapping = nameless.addMapping(
            addresses: Address(0x1000)..<Address(0x9000), fileOffset: FileOffset(0), filename: "/nowhere/app")
        nameless.addSample(
            locations: [nameless.addLocation(mapping: mapping, address: Address(0x1100), lines: [])], values: [7])
        let body = try contents(ofSmallFile: fixture.folder.file(nameless, named: "nameless.pb.gz"))
        let server = try TinyServer(["/p": .init(body: #require(body))])
        defer { server.stop() }
        let outcome = try fixture.sprof("-top localhost:\(server.port)/p")
        #expect(outcome.status == 0 && outcome.output.contains("7   100%"), "\(outcome)")
        #expect(outcome.errors.contains("/symbolz: server response: 404 Not Found"), "\(outcome)")
    }

    @Test("Several servers are asked at the same time, and a base too")
    func concurrency() throws {
        // Answers come only when all three requests are there.
        let server = try TinyServer(["/a": .init(body: profile), "/b": .init(body: profile)], gathering: 3)
        defer { server.stop() }
        let url = "http://localhost:\(server.port)"
        let outcome = try fixture.sprof("-top -base \(url)/b \(url)/a \(url)/a")
        #expect(outcome.status == 0, "\(outcome.errors)")
        // Twice the profile less the profile.
        #expect(try table(outcome.output) == table(fixture.sprof("-top cpu.pb.gz").output))
    }

    /// What follows the header of a report.
    private func table(_ report: String) -> Substring {
        report.firstRange(of: "Showing").map { report[$0.lowerBound...] } ?? ""
    }

    @Test("What a server says is wrong is passed on if it is Go's profiler that says so")
    func serverErrors() throws {
        let words = Array("Could not enable CPU profiling: cpu profiling already in use\n".utf8)
        let server = try TinyServer([
            "/busy": .init(
                status: "500 Internal Server Error",
                headers: ["X-Go-Pprof: 1", "Content-Type: text/plain; charset=utf-8"], body: words),
            "/other": .init(status: "503 Service Unavailable", headers: ["Content-Type: text/plain"], body: words),
            "/text": .init(body: words),
        ])
        defer { server.stop() }
        let busy = try fixture.sprof("-top localhost:\(server.port)/busy")
        #expect(busy.status == 2)
        #expect(
            busy.errors.contains(
                "/busy: server response: 500 Internal Server Error - Could not enable CPU profiling: cpu profiling already in use\n"
            ))
        let other = try fixture.sprof("-top localhost:\(server.port)/other")
        #expect(other.errors.contains("server response: 503 Service Unavailable\n"))
        let missing = try fixture.sprof("-top localhost:\(server.port)/nothing")
        #expect(missing.errors.contains("server response: 404 Not Found\n"))
        let text = try fixture.sprof("-top localhost:\(server.port)/text")
        #expect(text.errors.contains("parsing profile: unrecognized profile format"))
    }

    @Test("One source that fails does not keep the others from being shown")
    func partialFailure() throws {
        let server = try TinyServer([:])
        defer { server.stop() }
        let outcome = try fixture.sprof("-top localhost:\(server.port)/nothing cpu.pb.gz")
        #expect(outcome.status == 0)
        #expect(outcome.errors.contains("Fetched 1 source profiles out of 2\n"))
        #expect(try outcome.output == fixture.sprof("-top cpu.pb.gz").output)
    }

    @Test("A redirection is followed, but not to anything that is not HTTP")
    func redirection() throws {
        let server = try TinyServer([
            "/old": .init(status: "302 Found", headers: ["Location: /new"], body: Array("moved".utf8)),
            "/new": .init(body: profile),
            "/file": .init(status: "302 Found", headers: ["Location: file://\(fixture.folder.path)/cpu.pb.gz"]),
        ])
        defer { server.stop() }
        #expect(try fixture.sprof("-top localhost:\(server.port)/old").status == 0)
        #expect(try fixture.sprof("-top localhost:\(server.port)/file").status == 2)
    }

    @Test("A server that nobody runs is a failure that names the address")
    func unreachable() throws {
        let outcome = try fixture.sprof("-top -timeout 5 http://localhost:1/x")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("http://localhost:1/x: http fetch: Get \"http://localhost:1/x\": "))
    }

    @Test("A key without its certificate is refused before anything is fetched")
    func certificates() throws {
        let outcome = try fixture.sprof("-top -tls_key k https://localhost:1/x")
        #expect(outcome.errors == "-tls_key is specified, so -tls_cert must also be specified\n")
    }
}

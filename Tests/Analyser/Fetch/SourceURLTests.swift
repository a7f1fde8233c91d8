import Testing

@testable import ProfileFetch

@Suite struct SourceURLTests {
    @Test(
        "A source becomes the address that go tool pprof asks",
        arguments: [
            ("localhost:6060", 0, "http://localhost:6060/debug/pprof/profile"),
            ("localhost:6060/", 0, "http://localhost:6060/debug/pprof/profile"),
            ("localhost:6060/debug/pprof/heap", 0, "http://localhost:6060/debug/pprof/heap"),
            ("http://host/x", 30, "http://host/x?seconds=30"),
            ("http://host/x?seconds=5&gc=1", 30, "http://host/x?gc=1&seconds=30"),
            ("https://user:pw@host:1/a%20b", 0, "https://user:pw@host:1/a%20b"),
            ("https+insecure://host/x", 0, "https+insecure://host/x"),
            ("10.0.0.1:80/x", 0, "http://10.0.0.1:80/x"),
            ("[::1]:80/x", 0, "http://[::1]:80/x"),
            ("http://host/x?b=2&a=1&a=0&c", 0, "http://host/x?a=1&a=0&b=2&c="),
            ("http://host/x?q=a%20b+c%2f", 0, "http://host/x?q=a+b+c%2F"),
            ("http://host/x?bad=%zz&ok=1", 0, "http://host/x?ok=1"),
            ("http://host/a b", 0, "http://host/a%20b"),
            ("HTTP://host/x#part", 0, "http://host/x"),
        ])
    func addresses(source: String, seconds: Int, text: String) {
        #expect(SourceURL(source, seconds: seconds)?.text == text)
    }

    @Test("What names no server is no address", arguments: ["", "cpu.pb.gz", "/tmp/x", "a b", "x\u{1}y:1", ":80"])
    func files(source: String) {
        let url = SourceURL(source, seconds: 0)
        // An empty name before a port is a server to Go.
        #expect(source == ":80" ? url?.text == "http://:80/debug/pprof/profile" : url == nil)
    }

    @Test(
        "A port without a name is one of this machine",
        arguments: [
            (":6060", "http://localhost:6060/debug/pprof/profile"), ("http://:1/x", "http://localhost:1/x"),
            ("http://user@:1/x", "http://user@localhost:1/x"), ("[::1]:1/x", "http://[::1]:1/x"),
        ])
    func localPorts(source: String, transport: String) {
        #expect(SourceURL(source, seconds: 0)?.transportText == transport)
    }

    @Test("The wait is as long as asked, or suits what the server does")
    func timeouts() throws {
        #expect(try #require(SourceURL("h:1/x", seconds: 20)).timeoutSeconds(asked: 0) == 30)
        #expect(try #require(SourceURL("h:1/x?seconds=4", seconds: 0)).timeoutSeconds(asked: -1) == 6)
        #expect(try #require(SourceURL("h:1/x", seconds: 0)).timeoutSeconds(asked: 0) == 60)
        #expect(try #require(SourceURL("h:1/x", seconds: 20)).timeoutSeconds(asked: 7) == 7)
        #expect(try #require(SourceURL("h:1/x?seconds=99999999999", seconds: 0)).timeoutSeconds(asked: 0) == 60)
    }

    @Test("A span of seconds is written as Go writes it")
    func durations() {
        #expect(GoDuration.text(seconds: 30) == "30s")
        #expect(GoDuration.text(seconds: 90) == "1m30s")
        #expect(GoDuration.text(seconds: 3600) == "1h0m0s")
    }
}

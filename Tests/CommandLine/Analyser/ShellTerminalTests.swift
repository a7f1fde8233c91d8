import Glibc
import Primitives
import ProfileModel
import Testing

/// The shell in a terminal.
@Suite(
    .enabled(if: SprofBinary.path != nil, Comment(rawValue: SprofBinary.reason)),
    .enabled(if: dlopen("libedit.so.2", RTLD_NOW) != nil, "libedit is not installed"))
struct ShellTerminalTests {
    private let fixture: AnalyserFixture
    private let prompt = "(pprof) "

    init() throws {
        fixture = try AnalyserFixture()
    }

    @Test("It greets, makes reports and ends in good order")
    func session() throws {
        let session = try start()
        let greeting = try session.awaits(prompt)
        #expect(greeting.contains("Type: cpu"))
        #expect(greeting.contains("Entering interactive mode"))
        try session.type("top 1\n")
        #expect(try session.awaits(prompt).contains("flat  flat%   sum%"))
        try session.type("quit\n")
        #expect(session.wait() == 0)
    }

    @Test("The end of input, Ctrl-D, ends it")
    func endOfInput() throws {
        let session = try start()
        _ = try session.awaits(prompt)
        let status = try session.endInput()
        #expect(status == 0, "\(session.screen)")
    }

    @Test(
        "Tab ends commands, options, choices, functions and label keys",
        arguments: [
            ("comm\t", "comments "), ("nodec\t", "nodecount="), ("help gran\t", "help granularity "),
            ("granularity=l\t", "granularity=lines "), ("sample_index=sa\t", "sample_index=samples "),
            ("peek rar\t", "peek rare "), ("focus=closure\t", "focus=closure.#1.in.hot "),
            ("tagroot=co\t", "tagroot=comm "),
            ("top -fi\t", "top -fib "), ("tags ti\t", "tags tid:"),
            ("peek Swift.Int>.bar\t", "peek main\\.Foo<Swift\\.Int>\\.bar"),
        ])
    func completion(typed: String, line: String) throws {
        let session = try start()
        _ = try session.awaits(prompt)
        // The terminal echoes what is typed as libedit draws it, in pieces; the history has the whole line.
        try session.type(typed + "\n")
        _ = try session.awaits("\r\n")
        try session.type("quit\n")
        #expect(session.wait() == 0)
        let history = try #require(text(ofSmallFile: historyPath))
        let entered = try #require(history.split(separator: "\n").first)
        #expect((entered + " ").hasPrefix(line), "\(entered)")
    }

    @Test("A line can be edited before it is entered")
    func editing() throws {
        let session = try start()
        _ = try session.awaits(prompt)
        // Back over "oo", which goes; then to the start of the line.
        try session.type("mmentsoo\u{7f}\u{7f}\u{1}co\n")
        #expect(try session.awaits(prompt).contains("sprof test"))
        try session.type("quit\n")
        #expect(session.wait() == 0)
    }

    @Test("What is typed beyond ASCII arrives in every locale", arguments: ["C", "POSIX", "C.UTF-8", "nonsense"])
    func typedUTF8(locale: String) throws {
        let session = try start(locale: locale)
        _ = try session.awaits(prompt)
        try session.type("focus=é日本\n")
        _ = try session.awaits(prompt)
        try session.type("quit\n")
        #expect(session.wait() == 0)
        #expect(try #require(text(ofSmallFile: historyPath)).hasPrefix("focus=é日本\n"))
    }

    @Test("Lines of earlier sessions are there again, in a file that only their user can read")
    func history() throws {
        let first = try start()
        _ = try first.awaits(prompt)
        try first.type("comments\n")
        _ = try first.awaits(prompt)
        try first.type("quit\n")
        #expect(first.wait() == 0)
        var status = stat()
        #expect(stat(historyPath, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)

        let second = try start()
        _ = try second.awaits(prompt)
        try second.type("\u{10}\u{10}\n")
        #expect(try second.awaits(prompt).contains("sprof test"))
        try second.type("quit\n")
        #expect(second.wait() == 0)
    }

    @Test("A file that is no text goes into a new file, not onto the terminal")
    func binaryOutput() throws {
        let session = try start()
        _ = try session.awaits(prompt)
        try session.type("proto\n")
        #expect(try session.awaits(prompt).contains("Generating report in profile001.pb.gz"))
        try session.type("proto\n")
        #expect(try session.awaits(prompt).contains("Generating report in profile002.pb.gz"))
        try session.type("quit\n")
        #expect(session.wait() == 0)
        #expect(contents(ofSmallFile: fixture.folder.path + "/profile001.pb.gz")?.starts(with: [0x1f, 0x8b]) == true)
    }

    @Test("A terminal that can do nothing is read line by line")
    func plainTerminal() throws {
        let session = try start(terminal: "dumb")
        _ = try session.awaits(prompt)
        try session.type("comments\n")
        #expect(try session.awaits(prompt).contains("sprof test"))
        try session.type("quit\n")
        #expect(session.wait() == 0)
        #expect(text(ofSmallFile: historyPath) == nil)
    }

    @Test("Ctrl-C drops the line that is typed, and the shell goes on", arguments: ["xterm", "dumb"])
    func interruptedLine(terminal: String) throws {
        let session = try start(terminal: terminal)
        _ = try session.awaits(prompt)
        try session.type("nonsense")
        _ = try session.awaits("sense")
        try session.interrupt(awaiting: prompt)
        try session.type("comments\n")
        let answer = try session.awaits(prompt)
        #expect(answer.contains("sprof test") && !answer.contains("unrecognized command"))
        try session.type("quit\n")
        #expect(session.wait() == 0)
    }

    @Test("Ctrl-C ends a long report, and the shell goes on")
    func interruptedReport() throws {
        let profile = ProfileFixture.large(samples: 20_000, depth: 10, locationCount: 1000)
        _ = try fixture.folder.file(profile, named: "large.pb.gz")
        let session = try start(profile: "large.pb.gz")
        _ = try session.awaits(prompt)
        // More than a terminal takes without a reader.
        try session.type("raw\n")
        _ = try session.awaits("Samples:")
        try session.type("\u{3}")
        let rest = try session.awaits(prompt)
        #expect(rest.contains("interrupted") && !rest.contains("Mappings"))
        try session.type("quit\n")
        #expect(session.wait() == 0)
    }

    @Test("Ctrl-C ends a report that is computed, each time, and the next one is right")
    func interruptedComputing() throws {
        // 10^11 frames in a file of a megabyte: adding them up takes minutes.
        var profile = Profile(sampleTypes: [("cpu", "nanoseconds")])
        let deep = profile.addFunction(name: "deep", systemName: "deep")
        let quick = profile.addFunction(name: "quick", systemName: "quick")
        let endless = profile.addLocation(
            mapping: nil, address: Address(1), lines: (1...100_000).map { Line(function: deep, line: $0) })
        for count in 1...5000 {
            profile.addSample(locations: Array(repeating: endless, count: 200), values: [Int64(count)])
        }
        let small = profile.addLocation(mapping: nil, address: Address(2), lines: [Line(function: quick, line: 1)])
        let label = Label(key: profile.intern("size"), string: profile.intern("small"))
        profile.addSample(locations: [small], values: [7_000_000], labels: [label])
        _ = try fixture.folder.file(profile, named: "endless.pb.gz")
        let session = try start(profile: "endless.pb.gz")
        _ = try session.awaits(prompt)
        for (number, command) in ["top", "top", "dot"].enumerated() {
            // Nothing on the screen tells that a report has begun: a Ctrl-C that comes before the line is taken drops the line.
            for _ in 0..<100 where session.screen.ranges(of: "interrupted").count == number {
                try session.type(command + "\n")
                _ = try session.awaits("\r\n")
                try session.interrupt(awaiting: prompt)
            }
            #expect(session.screen.ranges(of: "interrupted").count == number + 1)
        }
        try session.type("tagfocus=small\n")
        _ = try session.awaits(prompt)
        try session.type("top\n")
        #expect(try session.awaits(prompt).contains("quick"))
        try session.type("quit\n")
        #expect(session.wait() == 0)
    }

    private var historyPath: String { fixture.folder.path + "/state/sprof/history" }

    private func start(
        terminal: String = "xterm", profile: String = "cpu.pb.gz", locale: String = "C"
    ) throws -> TerminalSession {
        let binary = try #require(SprofBinary.path)
        return try TerminalSession(
            ["/bin/sh", "-c", "cd '\(fixture.folder.path)' && exec '\(binary)' shell \(profile)"],
            environment: [
                "TERM": terminal, "LC_ALL": locale, "XDG_STATE_HOME": fixture.folder.path + "/state",
                "PATH": "/usr/bin:/bin",
            ])
    }
}

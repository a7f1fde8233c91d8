import ProfileReport
import Testing

@testable import PprofCommands

@Suite struct ShellLineTests {
    @Test("A command takes a count, expressions, an order and a file, for itself alone")
    func everything() throws {
        let line = try parse("tree 5 main foo -bar -cum -baz >out.txt")
        #expect(line.command.name == "tree")
        #expect(line.options.nodeCount == 5)
        #expect(line.options.focus == "main|foo")
        #expect(line.options.ignore == "bar|baz")
        #expect(line.options.sort == .cum)
        #expect(line.options.output == "out.txt")
    }

    @Test("A count may be joined to the command, and top shows ten entries otherwise")
    func counts() throws {
        #expect(try parse("top10").options.nodeCount == 10)
        #expect(try parse("top").options.nodeCount == 10)
        #expect(try parse("text 0").options.nodeCount == 0)
        #expect(try parse("tree").options.nodeCount == -1)
        #expect(try parse("top3 5").options.nodeCount == 5)
    }

    @Test("What is set before holds, unless the line says otherwise")
    func inheritance() throws {
        var options = ReportOptions()
        options.focus = "old"
        options.nodeCount = 30
        let line = try ShellLine(words: ["top"], options: options)
        #expect(line.options.focus == "old")
        #expect(line.options.nodeCount == 30)
        #expect(try ShellLine(words: ["top", "new"], options: options).options.focus == "new")
    }

    @Test("Expressions of tags are on labels")
    func tags() throws {
        let line = try parse("tags key:value -other")
        #expect(line.options.tagFocus == "key:value")
        #expect(line.options.tagIgnore == "other")
        #expect(line.options.focus.isEmpty)
    }

    @Test("A file name may stand behind a space")
    func redirection() throws {
        #expect(try parse("top > out").options.output == "out")
    }

    @Test("A command that takes an expression takes the first word")
    func expressions() throws {
        let line = try parse("list main foo -bar")
        #expect(line.expression == "main")
        #expect(line.options.focus == "foo")
        #expect(line.options.ignore == "bar")
    }

    @Test(
        "What is no command is refused in pprof's words",
        arguments: [
            ("foo", "unrecognized command: \"foo\""), ("foo12", "unrecognized command: \"foo\""),
            ("12", "unrecognized command: \"12\""), ("focus", "did you mean: focus=<val>"),
            ("focus main", "did you mean: focus=main"), ("list", "command list requires an argument"),
            ("top >", "unexpected end of line after >"), ("TOP", "unrecognized command: \"TOP\""),
        ])
    func failures(line: String, message: String) {
        var text = ""
        do throws(ShellLine.Failure) {
            _ = try ShellLine(words: line.split(separator: " ").map(String.init), options: ReportOptions())
        } catch {
            text = error.description
        }
        #expect(text == message)
    }

    private func parse(_ line: String) throws -> ShellLine {
        try ShellLine(words: line.split(separator: " ").map(String.init), options: ReportOptions())
    }
}

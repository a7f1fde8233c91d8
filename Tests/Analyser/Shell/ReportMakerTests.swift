import Glibc
import PprofCommands
import Primitives
import ProfileModel
import ProfileReport
import Testing

@testable import ProfileShell

@Suite struct ReportMakerTests {
    @Test(arguments: ["list", "peek"])
    func `Filters that matched nothing are named although there is no report, and not again for the next`(
        name: String
    ) throws {
        var maker = ReportMaker(StackFixture.profile([("main;work", 3)]))
        let command = try #require(ReportCommand.named(name))
        var options = ReportOptions()
        options.tagFocus = "request=nothing"
        #expect(throws: ReportFailure.self) { try maker.make(command, expression: "work", options: options) }
        #expect(maker.notices == ["TagFocus expression matched no samples"])
        let top = try #require(ReportCommand.named("top"))
        _ = try maker.make(top, options: ReportOptions())
        #expect(maker.notices.isEmpty)
    }

    @Test func `A source that moved with its program is found beside it`() throws {
        var template = Array("/tmp/sprof-beside-XXXXXX\0".utf8CString)
        let folder = String(cString: mkdtemp(&template))
        defer { _ = Tool.run("rm -rf '\(folder)'") }
        try FileDescriptor(opening: folder + "/moved.c", O_WRONLY | O_CREAT, mode: 0o644)
            .write(Array("int work(void) { return 1; }\n".utf8).span.bytes)
        var maker = ReportMaker(
            StackFixture.profile([("main;work", 3)], mapping: folder + "/prog", file: "/nowhere/build/moved.c"))
        let list = try #require(ReportCommand.named("list"))
        let body = try maker.make(list, expression: "work", options: ReportOptions())
        var text: [UInt8] = []
        body.write { piece in piece.withUnsafeBytes { text.append(contentsOf: $0) } }
        #expect(String(decoding: text, as: UTF8.self).contains("int work(void)"))
        #expect(maker.notices == ["using \(folder)/moved.c for /nowhere/build/moved.c"])
    }
}

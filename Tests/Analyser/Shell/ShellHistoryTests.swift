import Glibc
import Testing

@testable import ProfileShell

@Suite struct ShellHistoryTests {
    @Test("The file lies where the user keeps state, and nowhere without a home")
    func place() {
        #expect(ShellHistory { ["XDG_STATE_HOME": "/s", "HOME": "/h"][$0] }.path == "/s/sprof/history")
        #expect(ShellHistory { ["HOME": "/h"][$0] }.path == "/h/.local/state/sprof/history")
        #expect(
            ShellHistory { ["XDG_STATE_HOME": "relative", "HOME": "/h"][$0] }.path == "/h/.local/state/sprof/history")
        #expect(ShellHistory { _ in nil }.path == nil)
    }

    @Test("Lines come back in their order, the latest thousand of them, and the file stays small")
    func lines() {
        var template = Array("/tmp/sprof-history-XXXXXX".utf8CString)
        let folder = String(cString: mkdtemp(&template))
        defer { _ = system("rm -r '\(folder)'") }
        let history = ShellHistory { $0 == "HOME" ? folder : nil }
        #expect(history.load() == [])
        history.append("top")
        history.append("")
        history.append("list main\\.add")
        #expect(history.load() == ["top", "list main\\.add"])
        for number in 0..<4100 { history.append("line \(number)") }
        #expect(history.load() == (3100..<4100).map { "line \($0)" })
        // Shortened by the load before.
        history.append("last")
        #expect(history.load().count == 1000)
        #expect(history.load().last == "last")
    }
}

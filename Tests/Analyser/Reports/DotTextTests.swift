import ProfileReport
import Testing

@Suite struct DotTextTests {
    @Test func `Line breaks in names, of whichever kind, do not break lines of the graph`() throws {
        let profile = StackFixture.profile([("ma\r\nin;wo\nrk", 3)])
        let text = try DotReport(ReportContext(profile, kind: .dot)).render()
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"))
        #expect(lines.allSatisfy { $0.last != UInt8(ascii: "\r") })
        #expect(text.contains("wo\\lrk"))
    }
}

import RegularExpressions
import Testing

@Suite struct RegularExpressionTests {
    @Test(arguments: [("^main\\.", "main.add"), ("(?i)ADD", "main.add"), ("é.$", "éa"), ("", "anything")])
    func `An expression matches anywhere in a text`(pattern: String, text: String) throws {
        #expect(try RegularExpression(pattern).matches(text))
    }

    @Test func `A text without a match is not matched`() throws {
        #expect(try !RegularExpression("^add").matches("main.add"))
    }

    @Test func `A malformed expression says what is wrong`() {
        let error = #expect(throws: RegularExpression.Malformed.self) { try RegularExpression("a(b") }
        #expect(error?.pattern == "a(b")
        #expect(error?.description == "error parsing regexp: missing closing ): `a(b`")
    }

    @Test func `An expression that makes others run for ever is answered at once`() throws {
        let expression = try RegularExpression("^(a+)+$")
        #expect(!expression.matches(String(repeating: "a", count: 100_000) + "b"))
    }
}

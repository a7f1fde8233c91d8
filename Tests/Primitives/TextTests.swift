import Primitives
import Testing

/// JSON, and names of strangers made fit to be shown.
@Suite struct TextTests {
    @Test func `JSON keeps the order of members and escapes what RFC 8259 asks to escape`() {
        let value = JSON.object([
            ("b", .array([.null, .bool(true), .bool(false)])), ("a\"", .string("\\\n\t\r\u{1}\u{7f}é😀")),
            ("n", .number(-5)), ("c", .count(.max)), ("r", .array([.real(0.25), .real(.infinity), .real(1e300)])),
        ])
        #expect(
            value.text
                == #"{"b":[null,true,false],"a\"":"\\\n\t\r\u0001\u007fé😀","n":-5,"c":9223372036854775807,"#
                + #""r":[0.25,null,1e+300]}"#)
        #expect(JSON.object([]).text == "{}")
        #expect(JSON.array([]).text == "[]")
        #expect(JSON.string("</script>&").text == "\"</script>&\"")
    }

    @Test func `JSON inside of markup holds no sign that could end it`() {
        var bytes: [UInt8] = []
        JSON.quote("</script><!--&\"", to: &bytes, forMarkup: true)
        #expect(String(decoding: bytes, as: UTF8.self) == #""\u003c/script\u003e\u003c!--\u0026\"""#)
    }

    @Test func `HTML escapes what could start markup or end an attribute`() {
        #expect("<b a='1'>\"&amp;é".htmlEscaped == "&lt;b a=&#39;1&#39;&gt;&#34;&amp;amp;é")
    }

    @Test func `a terminal gets no control characters and no reversed text`() {
        #expect("\u{1b}[2Jx\n\u{9b}\u{202e}y\u{7f}".terminalEscaped == "\\u{1b}[2Jx\\u{a}\\u{9b}\\u{202e}y\\u{7f}")
        #expect("f<é, 名>".terminalEscaped == "f<é, 名>")
    }
}

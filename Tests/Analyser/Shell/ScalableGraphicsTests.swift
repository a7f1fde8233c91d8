import Testing

@testable import GraphDrawing

@Suite struct ScalableGraphicsTests {
    private let image = """
        <?xml version="1.0"?>
        <svg width="12pt" height="34pt"
         viewBox="0.00 0.00 12.00 34.00" xmlns="http://www.w3.org/2000/svg">
        <g id="graph0" class="graph"><text>a &; b</text></g>
        </svg>

        """

    @Test("The image fills its window, and has its graph in a group that the script moves")
    func result() {
        let text = String(decoding: ScalableGraphics.interactive(Array(image.utf8)), as: UTF8.self)
        #expect(text.contains("<svg width=\"100%\" height=\"100%\" xmlns="))
        #expect(!text.contains("viewBox"))
        #expect(text.contains("<g id=\"viewport\" transform=\"scale(0.5,0.5) translate(0,0)\"><g id=\"graph0\""))
        #expect(text.contains("a &amp;; b"))
        #expect(text.contains("</g>\n</g>\n<script"))
        #expect(text.hasSuffix("]]></script>\n</svg>\n"))
        #expect(!panAndZoomScript.contains("]]>"))
    }

    @Test(
        "What is no such image stays as it is",
        arguments: ["", "<svg", "<svg viewBox=\"0", "<svg viewBox=\"\"></svg>", "text"])
    func strangers(text: String) {
        #expect(ScalableGraphics.interactive(Array(text.utf8)) == Array(text.utf8))
    }
}

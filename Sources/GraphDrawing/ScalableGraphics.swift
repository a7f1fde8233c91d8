/// Makes an image that `dot -Tsvg` drew fill its window, and lets a user move and enlarge it.
///
/// The layout of the result, with a group `viewport` around the graph, is that of pprof's images; the script is our own.
public enum ScalableGraphics {
    /// `image` with a script. What is not of the form that `dot` writes stays as it is.
    public static func interactive(_ image: [UInt8]) -> [UInt8] {
        var text = image
        // Some versions of dot leave an ampersand of an escape without its own.
        text.replace(Array("&;".utf8), with: Array("&amp;;".utf8))
        guard let opening = text.firstRange(of: Array("<svg".utf8)),
            let box = text[opening.upperBound...].firstRange(of: Array("viewBox=\"".utf8)),
            let boxEnd = text[box.upperBound...].firstIndex(of: UInt8(ascii: "\"")),
            let tagEnd = text[boxEnd...].firstIndex(of: UInt8(ascii: ">")),
            let graph = text[tagEnd...].firstRange(of: Array("<g id=\"graph".utf8)),
            let closing = text[graph.upperBound...].lastRange(of: "</svg>")
        else { return text }
        var result = Array(text[..<opening.lowerBound])
        result += "<svg width=\"100%\" height=\"100%\"".utf8
        result += text[(boxEnd + 1)..<graph.lowerBound]
        result += "<g id=\"viewport\" transform=\"scale(0.5,0.5) translate(0,0)\">".utf8
        result += text[graph.lowerBound..<closing]
        result += "</g>\n<script type=\"text/ecmascript\"><![CDATA[\n".utf8
        result += panAndZoomScript.utf8
        result += "]]></script>\n".utf8
        result += text[closing...]
        return result
    }
}

extension ArraySlice<UInt8> {
    /// Where the last occurrence of `text` begins.
    fileprivate func lastRange(of text: String) -> Int? {
        let pattern = Array(text.utf8)
        var position = endIndex - pattern.count
        while position >= startIndex {
            if self[position..<(position + pattern.count)].elementsEqual(pattern) { return position }
            position -= 1
        }
        return nil
    }
}

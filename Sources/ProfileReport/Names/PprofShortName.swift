/// The short form of a function's name in Go, Java or C++, as pprof has it.
///
/// pprof uses regular expressions (github.com/google/pprof `internal/graph/graph.go`, `ShortenFunctionName`); they are
/// simple enough to be followed by hand, which takes no engine per name.
enum PprofShortName {
    /// A Go function without its import path, a Java method without its packages and arguments, a C++ method without
    /// its namespaces; anything else as it is.
    static func short(_ name: String) -> String {
        var text = Array(name.utf8)[...]
        let anonymous = Array("(anonymous namespace)::".utf8)
        if text.starts(with: anonymous) { text = text.dropFirst(anonymous.count) }
        text = withoutGoVersion(text)
        let range = goName(text) ?? javaName(text) ?? cppName(text)
        return String(decoding: range.map { text[$0] } ?? text, as: UTF8.self)
    }

    /// `^(.*?)/v(?:[2-9]|[1-9][0-9]+)([./].*)$`, of which the version goes: `example.org/mod/v3.Function`.
    private static func withoutGoVersion(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        if text.contains(UInt8(ascii: "\n")) { return text }
        var position = text.startIndex
        while position + 3 < text.endIndex {
            defer { position += 1 }
            guard text[position] == UInt8(ascii: "/"), text[position + 1] == UInt8(ascii: "v") else { continue }
            let end = text[(position + 2)...].firstIndex { !isDigit($0) } ?? text.endIndex
            guard end < text.endIndex, text[end] == UInt8(ascii: ".") || text[end] == UInt8(ascii: "/") else {
                continue
            }
            let digits = text[(position + 2)..<end]
            guard let first = digits.first, first != UInt8(ascii: "0") else { continue }
            if digits.count == 1, first == UInt8(ascii: "1") { continue }
            return (text[..<position] + text[end...])[...]
        }
        return text
    }

    /// `^(?:[\w\-\.]+\/)+([^.]+\..+)`: what follows the last slash of an import path.
    private static func goName(_ text: ArraySlice<UInt8>) -> Range<Int>? {
        var starts: [Int] = []
        var componentStart = text.startIndex
        for position in text.indices {
            let byte = text[position]
            if byte == UInt8(ascii: "/") {
                if position == componentStart { break }
                componentStart = position + 1
                starts.append(componentStart)
            } else if !isWord(byte), byte != UInt8(ascii: "-"), byte != UInt8(ascii: ".") {
                break
            }
        }
        var dot: Int?
        var position = text.endIndex
        for start in starts.reversed() {
            while position > start {
                position -= 1
                if text[position] == UInt8(ascii: ".") { dot = position }
            }
            guard let dot, dot > start else { continue }
            let end = text[(dot + 1)...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
            if end > dot + 1 { return start..<end }
        }
        return nil
    }

    /// `^(?:[a-z]\w*\.)*([A-Z][\w\$]*\.(?:<init>|[a-z][\w\$]*(?:\$\d+)?))(?:(?:\()|$)`: class and method.
    private static func javaName(_ text: ArraySlice<UInt8>) -> Range<Int>? {
        var start = text.startIndex
        while start < text.endIndex, isLower(text[start]) {
            guard let dot = text[start...].firstIndex(where: { !isWord($0) }), text[dot] == UInt8(ascii: ".") else {
                return nil
            }
            start = dot + 1
        }
        guard start < text.endIndex, isUpper(text[start]) else { return nil }
        func isPart(_ byte: UInt8) -> Bool { isWord(byte) || byte == UInt8(ascii: "$") }
        guard let dot = text[start...].firstIndex(where: { !isPart($0) }), text[dot] == UInt8(ascii: ".") else {
            return nil
        }
        let method = dot + 1
        var end = method
        if text[method...].starts(with: "<init>".utf8) {
            end = method + 6
        } else if method < text.endIndex, isLower(text[method]) {
            end = text[method...].firstIndex { !isPart($0) } ?? text.endIndex
        } else {
            return nil
        }
        return end == text.endIndex || text[end] == UInt8(ascii: "(") ? start..<end : nil
    }

    /// `^(?:[_a-zA-Z]\w*::)+(_*[A-Z]\w*::~?[_a-zA-Z]\w*(?:<.*>)?)`: the last class with its method.
    private static func cppName(_ text: ArraySlice<UInt8>) -> Range<Int>? {
        func identifierEnd(_ start: Int) -> Int? {
            guard start < text.endIndex, isWord(text[start]), !isDigit(text[start]) else { return nil }
            return text[start...].firstIndex { !isWord($0) } ?? text.endIndex
        }
        var found: Range<Int>?
        var start = text.startIndex
        var isFirst = true
        while let end = identifierEnd(start), text[end...].starts(with: "::".utf8) {
            let next = end + 2
            let isClass = text[start..<end].first { $0 != UInt8(ascii: "_") }.map(isUpper) ?? false
            if !isFirst, isClass {
                let method = next < text.endIndex && text[next] == UInt8(ascii: "~") ? next + 1 : next
                if let methodEnd = identifierEnd(method) { found = start..<methodEnd }
            }
            isFirst = false
            start = next
        }
        guard let found else { return nil }
        if found.upperBound < text.endIndex, text[found.upperBound] == UInt8(ascii: "<") {
            let line = text[found.upperBound...].prefix { $0 != UInt8(ascii: "\n") }
            if let close = line.lastIndex(of: UInt8(ascii: ">")) { return found.lowerBound..<(close + 1) }
        }
        return found
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
    private static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLower(byte) || isUpper(byte) || byte == UInt8(ascii: "_")
    }
}

/// The parts of a URL as Go's package `net/url` tells them apart, as far as sources of profiles need them.
struct URLParts {
    /// In lower case; empty if there is none.
    var scheme = ""
    var authority = ""
    var path = ""
    var query = ""

    /// Nil if `text` is no URL.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { return nil }
        var rest = Substring(text)
        if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }
        guard let afterScheme = takeScheme(rest) else { return nil }
        rest = afterScheme
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if rest.hasPrefix("//"), !scheme.isEmpty || !rest.hasPrefix("///") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
            guard Self.isAuthority(authority) else { return nil }
        } else if !rest.hasPrefix("/") {
            // "localhost:6060" has a scheme without slashes, "10.0.0.1:6060" a colon before the first slash.
            guard scheme.isEmpty else { return }
            if rest.prefix(while: { $0 != "/" }).contains(":") { return nil }
        }
        guard Self.isEscapedWell(rest) else { return nil }
        path = Self.escapingStrangers(String(rest))
    }

    /// What follows the scheme; nil if there is a colon and nothing before it.
    private mutating func takeScheme(_ text: Substring) -> Substring? {
        for (position, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                continue
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                if position == 0 { return text }
            case UInt8(ascii: ":"):
                if position == 0 { return nil }
                scheme = text.prefix(position).lowercased()
                return text.dropFirst(position + 1)
            default:
                return text
            }
        }
        return text
    }

    /// Whether `text` may be a server: perhaps a user, a name or address, and perhaps a port in digits.
    private static func isAuthority(_ text: String) -> Bool {
        let host = text.lastIndex(of: "@").map { text[text.index(after: $0)...] } ?? text[...]
        let forbidden: Set<Character> = [" ", "\"", "<", ">", "\\", "^", "`", "{", "|", "}"]
        guard !host.contains(where: { forbidden.contains($0) }), isEscapedWell(host) else { return false }
        let port: Substring
        if host.hasPrefix("[") {
            guard let bracket = host.lastIndex(of: "]") else { return false }
            port = host[host.index(after: bracket)...]
        } else {
            guard let colon = host.lastIndex(of: ":") else { return true }
            port = host[colon...]
        }
        if port.isEmpty { return true }
        return port.hasPrefix(":") && port.dropFirst().utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Whether two hexadecimal digits follow every percent sign.
    private static func isEscapedWell(_ text: Substring) -> Bool {
        var bytes = Array(text.utf8)[...]
        while let sign = bytes.firstIndex(of: UInt8(ascii: "%")) {
            let digits = bytes[(sign + 1)...].prefix(2)
            guard digits.count == 2, digits.allSatisfy({ URLQuery.hexadecimalValue($0) != nil }) else { return false }
            bytes = bytes[(sign + 3)...]
        }
        return true
    }

    /// `path` with spaces, quotes and all beyond ASCII escaped.
    private static func escapingStrangers(_ path: String) -> String {
        var result = ""
        for byte in path.utf8 {
            let isStranger = byte <= 0x20 || byte >= 0x7f || "\"<>\\^`{|}".utf8.contains(byte)
            result += isStranger ? URLQuery.escaped(byte) : String(UnicodeScalar(byte))
        }
        return result
    }
}

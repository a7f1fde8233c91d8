/// The query of a URL as pairs of names and values; parts that are escaped wrongly are left out, as by Go.
struct URLQuery {
    private var pairs: [(name: [UInt8], value: [UInt8])] = []

    init(_ text: String) {
        for part in text.split(separator: "&") where !part.utf8.contains(UInt8(ascii: ";")) {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.unescaped(halves[0]),
                let value = Self.unescaped(halves.count > 1 ? halves[1] : "")
            else { continue }
            pairs.append((name, value))
        }
    }

    /// The first value of `name`, if it is not empty.
    func first(_ name: String) -> String? {
        guard let pair = pairs.first(where: { $0.name == Array(name.utf8) }), !pair.value.isEmpty else { return nil }
        return String(decoding: pair.value, as: UTF8.self)
    }

    /// Makes `value` the only value of `name`.
    mutating func set(_ name: String, to value: String) {
        pairs.removeAll { $0.name == Array(name.utf8) }
        pairs.append((Array(name.utf8), Array(value.utf8)))
    }

    /// The query with its names in order; values of one name stay in theirs.
    var text: String {
        let sorted = pairs.enumerated().sorted { left, right in
            if left.element.name == right.element.name { return left.offset < right.offset }
            return left.element.name.lexicographicallyPrecedes(right.element.name)
        }
        return sorted.map { Self.escaped($0.element.name) + "=" + Self.escaped($0.element.value) }
            .joined(separator: "&")
    }

    static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// `%` and two digits.
    static func escaped(_ byte: UInt8) -> String {
        "%" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }

    private static func escaped(_ bytes: [UInt8]) -> String {
        bytes.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            case UInt8(ascii: " "): "+"
            default: escaped(byte)
            }
        }.joined()
    }

    private static func unescaped(_ text: Substring) -> [UInt8]? {
        var result: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            switch byte {
            case UInt8(ascii: "+"): result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = bytes.next().flatMap(hexadecimalValue),
                    let low = bytes.next().flatMap(hexadecimalValue)
                else { return nil }
                result.append(high << 4 | low)
            default: result.append(byte)
            }
        }
        return result
    }
}

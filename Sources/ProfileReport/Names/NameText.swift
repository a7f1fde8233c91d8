/// A name as bytes, with what its brackets enclose.
struct NameText {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func has(_ text: StaticString, at position: Int) -> Bool {
        position >= 0 && position <= bytes.count && bytes[position...].starts(with: text.description.utf8)
    }

    static func isIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }

    /// Whether the byte at `position` belongs to an identifier.
    func isIdentifier(at position: Int) -> Bool {
        bytes.indices.contains(position) && Self.isIdentifier(bytes[position])
    }

    /// Where the identifier at `position` ends; `position` if there is none.
    func identifierEnd(_ position: Int) -> Int {
        var end = position
        while isIdentifier(at: end) { end += 1 }
        return end
    }

    /// How the byte at `position` changes the depth of brackets: 1 if it opens, -1 if it closes, else 0. The arrow's
    /// `>`, and `<` and `>` as operators, are no brackets.
    private func step(_ position: Int, _ depth: Int) -> Int {
        switch bytes[position] {
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): return 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): return -1
        case UInt8(ascii: "<"):
            let next = position + 1 < bytes.count ? bytes[position + 1] : 0
            return Self.isIdentifier(next) || "<([&*'$".utf8.contains(next) ? 1 : 0
        case UInt8(ascii: ">"):
            return depth > 0 && position > 0 && bytes[position - 1] != UInt8(ascii: "-") ? -1 : 0
        default: return 0
        }
    }

    /// Where the bracket that opens at `start` is closed; the end of `range` if nowhere within.
    func closing(_ start: Int, in range: Range<Int>) -> Int {
        var depth = 0
        var position = start
        while position < range.upperBound {
            depth += step(position, depth)
            if depth <= 0 { return position }
            position += 1
        }
        return range.upperBound
    }

    /// Whether a bracket opens at `position`.
    func opens(_ position: Int) -> Bool { step(position, 0) == 1 }

    /// The places of `text` in `range` outside of brackets.
    func places(of text: StaticString, in range: Range<Int>) -> [Int] {
        var result: [Int] = []
        var position = range.lowerBound
        while position < range.upperBound {
            if has(text, at: position) { result.append(position) }
            position = opens(position) ? closing(position, in: range) + 1 : position + 1
        }
        return result
    }
}

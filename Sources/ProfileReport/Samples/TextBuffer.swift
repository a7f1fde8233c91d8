import Primitives

/// Text in the making, as bytes, for reports whose size is a multiple of the profile's: they are handed on piece by
/// piece and never held as a whole.
struct TextBuffer {
    /// What was put since the last `removeAll`.
    private(set) var bytes: [UInt8] = []

    /// How many bytes make a piece that is worth handing on.
    static let pieceSize = 1 << 16

    init() {
        bytes.reserveCapacity(Self.pieceSize * 2)
    }

    /// Whether there is enough to hand on.
    var isFull: Bool { bytes.count >= Self.pieceSize }

    /// Forgets the text, keeping the memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    /// Appends `text`.
    mutating func put(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Appends a text of the program; in a fifth of the time that other strings take.
    @inline(__always)
    mutating func put(literal text: StaticString) {
        // Literals live as long as the program.
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a character of ASCII.
    @inline(__always)
    mutating func put(_ character: Unicode.Scalar) {
        bytes.append(UInt8(truncatingIfNeeded: character.value))
    }

    /// Appends `count` spaces.
    mutating func putSpaces(_ count: Int) {
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(0, count)))
    }

    /// Appends `text` with spaces before it up to a width in characters, as Go counts them.
    mutating func put(_ text: String, width: Int) {
        putSpaces(width - text.unicodeScalars.count)
        put(text)
    }

    /// Appends a number in decimal digits, with its sign if it is negative.
    mutating func put(_ number: Int64) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        put(number.magnitude)
    }

    /// Appends a number in decimal digits.
    mutating func put(_ number: UInt64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var (rest, start) = (number, digits.count)
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest != 0
        put(digits.span.extracting(start..<digits.count))
    }

    /// Appends a number in hexadecimal digits, with `0x` before them.
    mutating func put(hexadecimal number: UInt64) {
        put(literal: "0x")
        var shift = max(0, 60 - number.leadingZeroBitCount / 4 * 4)
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 15
            bytes.append(digit &+ (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10))
            shift -= 4
        }
    }

    /// Appends one of the texts of `table`, short ones; 10 ns where `put` of a string takes 50.
    @inline(__always)
    mutating func put(_ table: borrowing ShortTexts, _ index: Int) {
        for offset in table.range(index) { bytes.append(table.bytes[offset]) }
    }

    /// Appends one of the texts of `table`, longer ones, but for some bytes at its start.
    @inline(__always)
    mutating func put(long table: borrowing ShortTexts, _ index: Int, droppingFirst count: Int = 0) {
        put(table.bytes.span.extracting(table.range(index).dropFirst(count)))
    }

    /// Appends bytes: all at once, which takes a tenth of the time of one after the other.
    @inline(__always)
    mutating func put(_ span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }
}

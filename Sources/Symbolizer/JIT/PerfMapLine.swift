/// One line of a perf map, `START SIZE name`, the numbers hexadecimal with or without `0x`.
struct PerfMapLine: Equatable {
    /// The bytes of a line that are looked at.
    static let byteLimit = 4096

    /// The code's addresses; empty where the compiler gave no size.
    let range: Range<UInt64>
    /// Where the name starts, in bytes from the start of the line.
    let nameStart: Int

    /// Nil if the line is anything else, or its addresses end beyond the address space.
    init?(_ line: borrowing Span<UInt8>) {
        var position = 0
        guard let start = hexadecimalNumber(line, at: &position), let size = hexadecimalNumber(line, at: &position),
            position < line.count
        else { return nil }
        let (end, overflow) = start.addingReportingOverflow(size)
        if overflow { return nil }
        range = start..<end
        nameStart = position
    }
}

/// A hexadecimal number and the spaces behind it, of which there must be one; the position moves behind them.
private func hexadecimalNumber(_ line: borrowing Span<UInt8>, at position: inout Int) -> UInt64? {
    var index = position
    if index + 1 < line.count, line[index] == UInt8(ascii: "0"), line[index + 1] | 0x20 == UInt8(ascii: "x") {
        index += 2
    }
    let digits = index
    var value: UInt64 = 0
    while index < line.count {
        let byte = line[index]
        let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
        guard let digit = hexadecimalDigit(isUpper ? byte | 0x20 : byte) else { break }
        guard value >> 60 == 0 else { return nil }
        value = value << 4 | UInt64(digit)
        index += 1
    }
    guard index > digits, index < line.count, line[index] == UInt8(ascii: " ") else { return nil }
    while index < line.count, line[index] == UInt8(ascii: " ") { index += 1 }
    position = index
    return value
}

import Primitives

extension SeededGenerator {
    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// A number that parsers trip over, in one of the ways in which files write numbers.
    mutating func number() -> [UInt8] {
        let values: [UInt64] = [0, 1, 0x7f, 0x80, 0xffff, 1 << 31, 1 << 32, 1 << 62, 1 << 63, .max, .max - 1]
        let value = below(2) == 0 ? element(values) : next() >> UInt64(below(64))
        switch below(4) {
        case 0: return (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        case 1: return (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        case 2: return Array(String(value, radix: element([10, 16])).utf8)
        default:
            var (bytes, rest): ([UInt8], UInt64) = ([], value)
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            return bytes + [UInt8(rest)]
        }
    }
}

/// The longest identifier that is decoded, in characters: insertion takes quadratic time.
private let characterLimit = 512

/// An identifier with the characters that `encoded` describes inserted into the plain ones; nil if that is not valid.
///
/// Punycode (RFC 3492, section 6.2), as Rust's names use it.
func decodePunycode(_ encoded: Span<UInt8>, insertingInto plain: Span<UInt8>) -> String? {
    guard plain.count <= characterLimit else { return nil }
    var characters: [Unicode.Scalar] = []
    for index in 0..<plain.count { characters.append(Unicode.Scalar(plain[index])) }

    var position = 0
    var code: UInt64 = 0x80
    var state: UInt64 = 0
    var bias: UInt64 = 72
    while position < encoded.count {
        let before = state
        var weight: UInt64 = 1
        var base: UInt64 = 36
        while true {
            guard position < encoded.count, let digit = punycodeDigit(encoded[position]) else { return nil }
            position += 1
            let (product, overflow) = digit.multipliedReportingOverflow(by: weight)
            let (sum, carry) = state.addingReportingOverflow(product)
            if overflow || carry { return nil }
            state = sum
            let threshold = base <= bias ? 1 : min(base - bias, 26)
            if digit < threshold { break }
            let (next, weightOverflow) = weight.multipliedReportingOverflow(by: 36 - threshold)
            if weightOverflow { return nil }
            weight = next
            base += 36
        }
        let count = UInt64(characters.count + 1)
        bias = adaptedBias(delta: state - before, count: count, isFirst: characters.count == plain.count)
        let (advanced, overflow) = code.addingReportingOverflow(state / count)
        if overflow { return nil }
        code = advanced
        state %= count
        guard characters.count < characterLimit, let value = UInt32(exactly: code),
            let character = Unicode.Scalar(value)
        else { return nil }
        characters.insert(character, at: Int(state))
        state += 1
    }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: characters)
    return String(result)
}

/// The bias for the next number (RFC 3492, section 6.1).
private func adaptedBias(delta: UInt64, count: UInt64, isFirst: Bool) -> UInt64 {
    var delta = delta / (isFirst ? 700 : 2)
    delta += delta / count
    var steps: UInt64 = 0
    while delta > 455 {
        delta /= 35
        steps += 36
    }
    return steps + 36 * delta / (delta + 38)
}

private func punycodeDigit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt64(byte - UInt8(ascii: "a"))
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0")) + 26
    default: nil
    }
}

/// The readable form of a legacy Rust name (`_ZN3std2io5Write9write_fmt17h0123456789abcdefE`), without its hash; nil if
/// `name` is not one. The form is C++'s nested name with a last component `h` + 16 hexadecimal digits, which is how it is
/// told from C++; characters that C++ has no place for are escaped (rust-lang/rust:compiler/rustc_symbol_mangling/src/legacy.rs).
func demangleLegacyRust(_ name: Span<UInt8>) -> String? {
    let start = name[1] == UInt8(ascii: "_") ? 4 : 3
    // The hash is 17hXXXXXXXXXXXXXXXXE.
    guard name.count > start + 20, name[start - 1] == UInt8(ascii: "N"), name[name.count - 1] == UInt8(ascii: "E"),
        name[name.count - 18] == UInt8(ascii: "h"), name[name.count - 19] == UInt8(ascii: "7"),
        name[name.count - 20] == UInt8(ascii: "1")
    else { return nil }
    for index in (name.count - 17)..<(name.count - 1) where hexadecimalDigit(name[index]) == nil { return nil }

    let end = name.count - 20
    var position = start
    var output: [UInt8] = []
    output.reserveCapacity(end)
    while position < end {
        var length = 0
        let digits = position
        while position < end, case let digit = name[position] &- UInt8(ascii: "0"), digit < 10 {
            length = length * 10 + Int(digit)
            guard length <= end else { return nil }
            position += 1
        }
        guard position > digits, length > 0, length <= end - position else { return nil }
        if !output.isEmpty { output += "::".utf8 }
        appendLegacyComponent(name.extracting(position..<(position + length)), to: &output)
        position += length
    }
    return output.isEmpty ? nil : String(decoding: output, as: UTF8.self)
}

/// Appends one component with its escapes undone: `..` for `::`, `$LT$` for `<` and so on.
private func appendLegacyComponent(_ component: Span<UInt8>, to output: inout [UInt8]) {
    // An escape cannot start an identifier, so one that would has an underscore in front.
    let escaped = component.count > 1 && component[0] == UInt8(ascii: "_") && component[1] == UInt8(ascii: "$")
    var position = escaped ? 1 : 0
    while position < component.count {
        let byte = component[position]
        if byte == UInt8(ascii: ".") {
            let isDouble = position + 1 < component.count && component[position + 1] == UInt8(ascii: ".")
            output += (isDouble ? "::" : ".").utf8
            position += isDouble ? 2 : 1
        } else if byte == UInt8(ascii: "$") {
            guard let (character, next) = legacyEscape(component, at: position) else {
                // Not one of ours: the rest stays as it is.
                for index in position..<component.count { output.append(component[index]) }
                return
            }
            output += String(character).utf8
            position = next
        } else {
            output.append(byte)
            position += 1
        }
    }
}

/// The character that the escape at `start` (a dollar sign) stands for, and the position behind it.
private func legacyEscape(_ component: Span<UInt8>, at start: Int) -> (Unicode.Scalar, Int)? {
    var end = start + 1
    while end < component.count, component[end] != UInt8(ascii: "$") {
        end += 1
        guard end - start <= 9 else { return nil }
    }
    guard end < component.count else { return nil }
    switch text(component.extracting((start + 1)..<end)) {
    case "SP": return ("@", end + 1)
    case "BP": return ("*", end + 1)
    case "RF": return ("&", end + 1)
    case "LT": return ("<", end + 1)
    case "GT": return (">", end + 1)
    case "LP": return ("(", end + 1)
    case "RP": return (")", end + 1)
    case "C": return (",", end + 1)
    default: break
    }
    guard component[start + 1] == UInt8(ascii: "u"), end > start + 2 else { return nil }
    var value: UInt32 = 0
    for index in (start + 2)..<end {
        guard let digit = hexadecimalDigit(component[index]) else { return nil }
        value = value << 4 | UInt32(digit)
    }
    guard let scalar = Unicode.Scalar(value), scalar.properties.generalCategory != .control else { return nil }
    return (scalar, end + 1)
}

/// The value of a lower-case hexadecimal digit.
@inline(__always)
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
}

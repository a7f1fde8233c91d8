internal import Glibc

/// What compilers append to the name of a copy or a part of a function, each followed by an optional number:
/// GCC's clones (gcc:gcc/cgraphclones.cc) and the parts of its coroutines (gcc:gcc/cp/coroutines.cc), LLVM's promoted
/// and unique internal names and parts of coroutines (llvm:lib/Transforms/Coroutines), and LTO's renamed statics.
private let cloneSuffixes: [StaticString] = [
    "isra", "constprop", "part", "cold", "lto_priv", "llvm", "localalias", "clone", "__uniq", "hot", "unlikely",
    "warm", "actor", "resume", "destroy", "cleanup",
]

/// The number of bytes of `name` before a symbol version and before the marks of copies and parts of a function; at least
/// one. `foo.isra.0.cold@@V1` gives 3. `foo@plt` is another function than `foo` and keeps its mark. O(n).
func lengthWithoutSuffixes(_ name: Span<UInt8>) -> Int {
    var end = name.count
    // Most names have neither mark; memchr(3) looks at many bytes together.
    let hasMark = unsafe name.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return false }
        return unsafe memchr(base, Int32(UInt8(ascii: ".")), bytes.count) != nil
            || memchr(base, Int32(UInt8(ascii: "@")), bytes.count) != nil
    }
    if !hasMark { return end }
    for index in 1..<max(name.count, 1) where name[index] == UInt8(ascii: "@") {
        if !(matches("@plt", name, from: index, to: name.count)) { end = index }
        break
    }
    // From the back: each round takes one ".word" or ".word.number".
    while true {
        let dot = lastDot(in: name, before: end)
        guard let dot else { return end }
        var wordEnd = end
        var wordStart = dot + 1
        if isNumber(name, wordStart..<wordEnd) {
            guard let wordDot = lastDot(in: name, before: dot) else { return end }
            wordEnd = dot
            wordStart = wordDot + 1
        }
        let known = cloneSuffixes.contains { matches($0, name, from: wordStart, to: wordEnd) }
        guard known, wordStart > 1 else { return end }
        end = wordStart - 1
    }
}

/// `symbol` without the marks that ``lengthWithoutSuffixes(_:)`` counts off.
package func withoutSuffixes(_ symbol: String) -> Substring {
    var symbol = symbol
    let length = symbol.withUTF8 { bytes in
        // The string keeps its bytes alive and unchanged meanwhile.
        lengthWithoutSuffixes(unsafe Span<UInt8>(_unsafeElements: bytes))
    }
    return symbol.prefix(upTo: symbol.utf8.index(symbol.startIndex, offsetBy: length))
}

private func lastDot(in name: Span<UInt8>, before end: Int) -> Int? {
    var index = end - 1
    while index > 0 {
        if name[index] == UInt8(ascii: ".") { return index }
        index -= 1
    }
    return nil
}

/// Whether the range holds one or more digits, in upper-case hexadecimal at most, as LLVM writes its hashes.
private func isNumber(_ name: Span<UInt8>, _ range: Range<Int>) -> Bool {
    guard !range.isEmpty else { return false }
    for index in range {
        switch name[index] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"): continue
        default: return false
        }
    }
    return true
}

private func matches(_ word: StaticString, _ name: Span<UInt8>, from start: Int, to end: Int) -> Bool {
    guard end - start == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { word in
        for index in 0..<(end - start) where unsafe word[index] != name[start + index] { return false }
        return true
    }
}

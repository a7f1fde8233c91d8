/// Rust names without the arguments of generics, of which pprof leaves the brackets.
///
/// Facts: github.com/ianlancetaylor/demangle `rust.go`, with `NoTemplateParams`.
enum RustGenerics {
    /// `name`, such as `alloc::vec::Vec::<u8>::push`, without what is in brackets behind a name; `<` before a name, as
    /// in `<T as Trait>::f`, begins a path, whose brackets stay.
    static func removed(from name: String) -> String {
        let text = Array(name.utf8)
        var kept: [UInt8] = []
        // The brackets that are left out, and whether each of those that are open is one of arguments.
        var leftOut = 0
        var isOfArguments: [Bool] = []
        for (position, byte) in text.enumerated() {
            let previous = position > 0 ? text[position - 1] : 0
            if byte == UInt8(ascii: "<") {
                isOfArguments.append(endsName(previous))
                if leftOut == 0 { kept.append(byte) }
                if endsName(previous) { leftOut += 1 }
            } else if byte == UInt8(ascii: ">"), previous != UInt8(ascii: "-"), let last = isOfArguments.popLast() {
                if last { leftOut -= 1 }
                if leftOut == 0 { kept.append(byte) }
            } else if leftOut == 0 {
                kept.append(byte)
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    /// Whether a bracket behind `byte` holds arguments: behind an identifier, or behind `::`.
    private static func endsName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: ":"), 0x80...: true
        default: false
        }
    }
}

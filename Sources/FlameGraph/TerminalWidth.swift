/// How many columns of a terminal text takes.
///
/// Unicode Standard Annex 11 (East Asian Width), coarsely: marks that combine take none, ideographs, kana, hangul and
/// emoji two, everything else one. A wrong guess shifts a line and nothing more.
enum TerminalWidth {
    static func columns(of text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) { $0 + columns(of: $1) }
    }

    /// The longest start of `text` that fits into `room` columns, with a mark at its end if it is not all of it.
    static func fit(_ text: String, into room: Int) -> String {
        // No text of more bytes than this fits anywhere.
        if text.utf8.count <= 4096, columns(of: text) <= room { return text }
        guard room > 1 else { return "" }
        var fitted = ""
        var used = 0
        for scalar in text.unicodeScalars {
            let width = columns(of: scalar)
            if used + width > room - 1 { break }
            fitted.unicodeScalars.append(scalar)
            used += width
        }
        return fitted + "…"
    }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0..<0x300: 1
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
            0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x2_0000...0x3_fffd:
            2
        case 0x200b...0x200f, 0xfe00...0xfe0f: 0
        default:
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format: 0
            default: 1
            }
        }
    }
}

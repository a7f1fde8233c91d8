/// The name of a function that drop_frames, keep_frames and prune_from are matched with: without a dot at its start (PPC
/// ELF v1), and without what follows the first parenthesis that is no part of a name.
///
/// Facts: github.com/google/pprof `profile/prune.go`.
func simplifiedName(_ name: String) -> String {
    let text = Array(name.utf8)
    let start = text.first == UInt8(ascii: ".") ? 1 : 0
    var position = start
    while position < text.count {
        guard text[position] == UInt8(ascii: "(") || text[position] == UInt8(ascii: "o") else {
            position += 1
            continue
        }
        let rest = text[position...]
        if rest.starts(with: "(anonymous namespace)".utf8) {
            position += 21
        } else if rest.starts(with: "operator()".utf8) {
            position += 10
        } else if text[position] == UInt8(ascii: "(") {
            break
        } else {
            position += 1
        }
    }
    return String(decoding: text[start..<min(position, text.count)], as: UTF8.self)
}

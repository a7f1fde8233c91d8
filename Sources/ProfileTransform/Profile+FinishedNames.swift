public import ProfileModel

extension Profile {
    /// Gives every function the name that pprof shows, as pprof does when it has read a profile.
    ///
    /// A name that differs from the system name is taken for finished. Where both are the same, or there is no name, the
    /// system name is demangled; if it is not mangled but looks like C++, text in `<…>` and `(…)` goes from it
    /// (google/pprof `internal/symbolizer`). Doing so twice changes nothing.
    ///
    /// - Parameters:
    ///   - detail: How much of names that are not mangled but look like C++ stays.
    ///   - demangle: The readable form of a mangled name, or nil if it is none; by default no name is.
    public mutating func finishNames(_ detail: NameDetail = .short, demangle: (String) -> String? = { _ in nil }) {
        for position in functions.indices {
            let function = functions[position]
            if function.name != function.systemName, !function.name.isEmpty { continue }
            let systemName = string(function.systemName)
            var name = systemName
            if let demangled = demangle(systemName) {
                name = demangled
            } else if detail != .full, looksLikeCPlusPlus(systemName) {
                name = removingGroups("(", ")", from: name)
                if detail == .short { name = removingGroups("<", ">", from: name) }
            }
            functions[position].name = intern(name)
        }
    }
}

private func looksLikeCPlusPlus(_ name: String) -> Bool {
    let text = Array(name.utf8)
    // `Class.<init>` is Java, `f.(*Type[...]).method` is Go.
    if contains(text, ".<") || contains(text, "]).") { return false }
    return contains(text, "::") || text.contains { "<>[]".utf8.contains($0) }
}

private func contains(_ text: [UInt8], _ wanted: StaticString) -> Bool {
    let wanted = Array(wanted.description.utf8)
    guard text.count >= wanted.count else { return false }
    return (0...(text.count - wanted.count)).contains { text[$0..<($0 + wanted.count)].elementsEqual(wanted) }
}

/// `name` without what stands between outermost pairs of `open` and `close`, and without those; from a closing sign that
/// none opened, and from an opening sign that none closes, the rest stays.
private func removingGroups(_ open: Unicode.Scalar, _ close: Unicode.Scalar, from name: String) -> String {
    let text = Array(name.utf8)
    let (open, close) = (UInt8(ascii: open), UInt8(ascii: close))
    var kept: [UInt8] = []
    var depth = 0
    var groupStart = 0
    for (position, byte) in text.enumerated() {
        if byte == open {
            if depth == 0 { groupStart = position }
            depth += 1
        } else if byte == close {
            depth -= 1
            if depth < 0 { return String(decoding: kept + text[position...], as: UTF8.self) }
        } else if depth == 0 {
            kept.append(byte)
        }
    }
    return String(decoding: depth > 0 ? kept + text[groupStart...] : kept, as: UTF8.self)
}

/// Paths of source files as compilers write them, handled as text: the files need not exist here.
package enum SourcePath {
    static func isAbsolute(_ path: String) -> Bool {
        path.utf8.first == UInt8(ascii: "/")
    }

    /// `path` below `directory`, unless it is absolute already.
    static func joined(_ directory: String, _ path: String) -> String {
        if path.isEmpty { return directory }
        if directory.isEmpty || isAbsolute(path) { return path }
        return directory.utf8.last == UInt8(ascii: "/") ? directory + path : directory + "/" + path
    }

    /// `path` without `.`, `..` and double slashes where the text alone allows to remove them.
    package static func normalised(_ path: String) -> String {
        let slash = UInt8(ascii: "/")
        let dot = UInt8(ascii: ".")
        var parts: [Substring.UTF8View] = []
        var changed = false
        let absolute = isAbsolute(path)
        for (index, part) in path.utf8.split(separator: slash, omittingEmptySubsequences: false).enumerated() {
            if part.isEmpty || part.elementsEqual(CollectionOfOne(dot)) {
                // The empty part before the first slash is what makes the path absolute.
                if index > 0 || !part.isEmpty { changed = true }
            } else if part.elementsEqual([dot, dot]) {
                changed = true
                if let last = parts.last, !last.elementsEqual([dot, dot]) {
                    parts.removeLast()
                } else if !absolute {
                    parts.append(part)
                }
            } else {
                parts.append(part)
            }
        }
        guard changed else { return path }
        return (absolute ? "/" : "") + parts.map { String(Substring($0)) }.joined(separator: "/")
    }
}

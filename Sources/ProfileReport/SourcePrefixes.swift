/// What is taken off the paths of source files before they are shown or looked for.
///
/// Facts: google/pprof `internal/report/source.go`, `trimPath`.
public struct SourcePrefixes: Sendable {
    private var prefixes: [String] = []
    /// The last components of the search path's folders, as `/name/`.
    private var markers: [String] = []

    /// - Parameters:
    ///   - trimPath: Prefixes, separated by colons. If empty, all up to the name of a folder of the search path is taken off:
    ///     `/remote/project/a.c` becomes `a.c` where the search path has `/home/me/project`.
    ///   - searchPath: Folders, separated by colons.
    public init(trimPath: String, searchPath: String) {
        if trimPath.isEmpty {
            for folder in searchPath.split(separator: ":") {
                let name = folder.split(separator: "/").last.map(String.init) ?? ""
                markers.append(name.isEmpty ? "///" : "/\(name)/")
            }
        }
        prefixes = trimPath.split(separator: ":").map { $0.hasSuffix("/") ? String($0) : $0 + "/" }
        prefixes += ["/proc/self/cwd/./", "/proc/self/cwd/"]
    }

    /// `path` without the first prefix that it has.
    public func removed(from path: String) -> String {
        for marker in markers {
            if let range = path.firstRange(of: marker) { return String(path[range.upperBound...]) }
        }
        for prefix in prefixes where path.hasPrefix(prefix) { return String(path.dropFirst(prefix.count)) }
        return path
    }
}

/// The shortest path that leads to the same place by its text alone: without `.`, `..`, and doubled slashes. The empty path stays empty.
///
/// Facts: Go's `path/filepath.Clean`, which pprof applies to all paths of sources.
public func cleanPath(_ path: String) -> String {
    if path.isEmpty { return "" }
    let isRooted = path.utf8.first == UInt8(ascii: "/")
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
        if part != ".." {
            parts.append(part)
        } else if let last = parts.last, last != ".." {
            parts.removeLast()
        } else if !isRooted {
            parts.append(part)
        }
    }
    let joined = (isRooted ? "/" : "") + parts.joined(separator: "/")
    return joined.isEmpty ? "." : joined
}

/// What follows the last slash of `path` that is not at its end; `.` for the empty path, `/` for slashes alone.
///
/// Facts: Go's `path/filepath.Base`.
public func baseName(_ path: String) -> String {
    guard let name = path.utf8.split(separator: UInt8(ascii: "/")).last else { return path.isEmpty ? "." : "/" }
    return String(Substring(name))
}

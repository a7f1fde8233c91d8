internal import Glibc
public import Primitives
internal import ProfileReport

/// The lines of source files, found by the names that a profile gives them.
///
/// A name is looked for where pprof looks (google/pprof `internal/report/source.go`, `openSourceFile`): an absolute path has to exist,
/// a relative one is tried below every folder of the search path and below all of that folder's parents. Where that finds nothing,
/// ends of the name are tried below the search path and below folders that suggest themselves (`foldersOfPrograms`), the longest
/// first; what is taken from there is told in `notes`.
public struct SourceFiles {
    /// Why there are no lines.
    public struct Missing: Error, Hashable, Sendable, CustomStringConvertible {
        /// The reason, in pprof's words.
        public let description: String
    }

    /// What was taken from elsewhere, and what was tried in vain; each once.
    public private(set) var notes: [String] = []

    private let searchPath: String
    private let folders: [String]
    private let suggestedFolders: [String]
    private let prefixes: SourcePrefixes
    /// Whether the user named the folders of the search path.
    private let isExplicit: Bool
    private var files: [String: Result<[String], Missing>] = [:]

    /// More bytes than this are no source file that a listing is made of.
    private static let byteLimit = 64 << 20
    /// Components of a path that are tried as its end.
    private static let suffixLimit = 32

    /// Files below `searchPath`, folders separated by colons; if it is empty, below the working folder.
    ///
    /// - Parameters:
    ///   - trimPath: Prefixes that are taken off names, separated by colons; if empty, see ``SourcePrefixes``.
    ///   - suggestedFolders: Where ends of names are tried after the search path.
    public init(searchPath: String, trimPath: String, suggestedFolders: [String] = []) {
        isExplicit = !searchPath.isEmpty
        self.searchPath = searchPath.isEmpty ? Self.workingFolder() : searchPath
        folders = self.searchPath.split(separator: ":").map(String.init)
        prefixes = SourcePrefixes(trimPath: trimPath, searchPath: self.searchPath)
        self.suggestedFolders = suggestedFolders
    }

    /// The lines of the file `name`, without their ends. Read once per name.
    public mutating func lines(of name: String) throws(Missing) -> [String] {
        if let known = files[name] { return try known.get() }
        let result: Result<[String], Missing>
        do throws(Missing) {
            result = .success(try read(name))
        } catch {
            result = .failure(error)
        }
        files[name] = result
        return try result.get()
    }

    /// Line `number`, counted from 1; nil if there is none.
    public mutating func line(_ number: Int64, of name: String) -> String? {
        guard number >= 1, let lines = try? lines(of: name), number <= lines.count else { return nil }
        return lines[Int(number) - 1]
    }

    private mutating func read(_ name: String) throws(Missing) -> [String] {
        let trimmed = prefixes.removed(from: name)
        var failure = Missing(description: "could not find file \(trimmed) on path \(searchPath)")
        if trimmed.hasPrefix("/") {
            do {
                return try Self.lines(of: FileDescriptor(openingRegularFile: trimmed), limit: Self.byteLimit)
            } catch {
                failure = Missing(description: "open \(trimmed): \(Self.words(for: error))")
            }
        } else {
            for folder in folders {
                for parent in Self.parents(of: folder) {
                    if let lines = Self.lines(at: Self.path(trimmed, in: parent)) { return lines }
                }
            }
        }
        if let (path, lines) = byEnd(of: name) {
            note("using \(path) for \(name)")
            return lines
        }
        let places = folders + suggestedFolders
        note(
            "no source for \(name): tried it, and what it ends in below \(places.joined(separator: ", ")); "
                + "name its folder with -source_path, or a prefix to take off with -trim_path")
        throw failure
    }

    /// The file below one of the folders whose path has the longest end in common with `name`.
    private func byEnd(of name: String) -> (path: String, lines: [String])? {
        let components = name.split(separator: "/").filter { $0 != "." && $0 != ".." }.suffix(Self.suffixLimit)
        for (folders, fewest) in [(folders, isExplicit ? 1 : 2), (suggestedFolders, 1)] {
            for start in components.indices where components.endIndex - start >= fewest {
                let end = components[start...].joined(separator: "/")
                for folder in folders {
                    let path = Self.path(end, in: folder)
                    if let lines = Self.lines(at: path) { return (path, lines) }
                }
            }
        }
        return nil
    }

    private mutating func note(_ text: String) {
        if !notes.contains(text) { notes.append(text) }
    }

    private static func lines(at path: String) -> [String]? {
        guard let file = try? FileDescriptor(openingRegularFile: path) else { return nil }
        return try? lines(of: file, limit: byteLimit)
    }

    /// As Go's `bufio.ScanLines`: without `\n` or `\r\n`; a last line needs no end.
    private static func lines(of file: borrowing FileDescriptor, limit: Int) throws(SystemError) -> [String] {
        let bytes = try file.readToEnd(limit: limit)
        var lines: [String] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
            let isCarriageReturn = end > start && bytes[end - 1] == 0x0d
            lines.append(String(decoding: bytes[start..<(isCarriageReturn ? end - 1 : end)], as: UTF8.self))
            start = end + 1
        }
        return lines
    }

    /// The folder and all above it, the innermost first.
    private static func parents(of folder: String) -> [String] {
        var result = [folder]
        var rest = folder[...]
        while rest.count > 1, let slash = rest.lastIndex(of: "/") {
            rest = slash == rest.startIndex ? "/" : rest[..<slash]
            result.append(String(rest))
        }
        return result
    }

    private static func path(_ name: String, in folder: String) -> String {
        folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    /// The system's words as Go has them: with a small letter.
    private static func words(for error: SystemError) -> String {
        let text = error.code == EINVAL ? "not a regular file" : describeErrno(error.code)
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    private static func workingFolder() -> String {
        guard let path = unsafe getcwd(nil, 0) else { return "." }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}

/// The source files of one line program, their paths put together when first asked for.
final class FileTable {
    /// One entry of the table, as stored.
    struct Entry {
        var name: StringReference
        var directory: UInt64
    }

    /// The stored table: directories, files, and how they are counted.
    struct Stored {
        var version: UInt16
        var directories: [StringReference] = []
        var files: [Entry] = []
    }

    private let stored: Stored
    private let name: String
    private let compilationDirectory: String
    private unowned let file: DebugFile
    /// By number; nil where not yet asked for. A table is asked for each frame of each address.
    private var paths: [String?]

    init(_ stored: Stored, name: String, compilationDirectory: String, file: DebugFile) {
        self.stored = stored
        self.name = name
        self.compilationDirectory = compilationDirectory
        self.file = file
        paths = [String?](repeating: nil, count: stored.files.count + 1)
    }

    /// The normalised path of file `number`, counted as the table's version counts; empty if there is none.
    func path(_ number: UInt64) -> String {
        guard number < UInt64(paths.count) else { return "" }
        if let path = paths[Int(number)] { return path }
        let path = SourcePath.normalised(makePath(number))
        paths[Int(number)] = path
        return path
    }

    private func makePath(_ number: UInt64) -> String {
        // Up to version 4 files count from 1, and 0 means the unit's own file.
        let first: UInt64 = stored.version >= 5 ? 0 : 1
        guard number >= first else { return SourcePath.joined(compilationDirectory, name) }
        guard number - first < UInt64(stored.files.count) else { return "" }
        let entry = stored.files[Int(number - first)]
        let name = file.string(entry.name)
        if name.isEmpty || SourcePath.isAbsolute(name) { return name }
        return SourcePath.joined(directory(entry.directory), name)
    }

    private func directory(_ number: UInt64) -> String {
        if stored.version < 5, number == 0 { return compilationDirectory }
        let index = stored.version >= 5 ? number : number - 1
        guard index < UInt64(stored.directories.count) else { return compilationDirectory }
        return SourcePath.joined(compilationDirectory, file.string(stored.directories[Int(index)]))
    }
}

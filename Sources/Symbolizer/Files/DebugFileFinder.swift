import CZlib
import Glibc
import Primitives

/// Finds the files that a binary's debug information was split off to.
struct DebugFileFinder {
    let options: SymbolizerOptions
    private let files: any DebugFileSource

    init(options: SymbolizerOptions, files: any DebugFileSource) {
        self.options = options
        self.files = files
    }

    /// A file that was found.
    struct Found {
        var file: ElfFile
        var source: SymbolSources.DebugInformation
    }

    /// The separate debug file of `main`, identified by its build ID or by the link's checksum.
    func debugFile(of main: ElfFile, buildID: BuildID?, warnings: inout [String]) -> Found? {
        if let buildID, buildID.bytes.count > 1 {
            for directory in options.debugDirectories {
                let path = Self.buildIDPath(directory, buildID)
                guard let file = open(path), file.path != main.path || !main.contents(".debug_info").isEmpty else {
                    continue
                }
                guard file.buildID == nil || file.buildID == buildID else {
                    warnings.append("\(file.path) has another build ID")
                    continue
                }
                return Found(file: file, source: .buildID(file.path))
            }
        }
        if let found = linkedFile(of: main, buildID: buildID, warnings: &warnings) { return found }
        if let buildID, let file = fetch(buildID, "debug information", of: main, &warnings) {
            return Found(file: file, source: .debuginfod(file.path))
        }
        return nil
    }

    /// The file that dwz moved common entries to, named by .gnu_debugaltlink or .debug_sup.
    func alternateFile(of file: ElfFile, warnings: inout [String]) -> ElfFile? {
        let link = file.contents(".gnu_debugaltlink")
        let supplement = file.contents(".debug_sup")
        var name = ""
        var identity: [UInt8] = []
        var reader = ByteReader(link.isEmpty ? supplement.bytes : link.bytes)
        do throws(ReadError) {
            if link.isEmpty {
                // DWARF 5, section 7.3.6: version, whether this is the supplement itself, its name, its checksum.
                if supplement.isEmpty { return nil }
                try reader.skip(2)
                if try reader.read(UInt8.self) != 0 { return nil }
                name = try reader.readString()
                identity = try reader.readBytes(Int(clamping: try reader.readNumber()))
            } else {
                name = try reader.readString()
                identity = try reader.readBytes(reader.remaining)
            }
        } catch {
            warnings.append("the link to an alternate debug file in \(file.path) is damaged")
            return nil
        }
        var candidates: [String] = []
        if SourcePath.isAbsolute(name) {
            candidates.append(name)
        } else {
            candidates.append(SourcePath.joined(Self.directory(of: file.path), name))
        }
        if let id = BuildID(identity), id.bytes.count > 1 {
            for directory in options.debugDirectories {
                candidates.append(Self.buildIDPath(directory, id))
            }
        }
        for directory in options.debugDirectories {
            let last = name.split(separator: "/").last.map(String.init) ?? name
            candidates.append(directory + "/.dwz/" + last)
        }
        for path in candidates {
            guard let alternate = open(path) else { continue }
            if let id = alternate.buildID, link.isEmpty || id.bytes == identity { return alternate }
            if !link.isEmpty { continue }
            return alternate
        }
        if !link.isEmpty, let id = BuildID(identity),
            let file = fetch(id, "the alternate debug file", of: file, &warnings)
        {
            return file
        }
        warnings.append("alternate debug file \(name) of \(file.path) not found: names that it holds are missing")
        return nil
    }

    /// The .dwo file called `name`, written when the unit was compiled in `directory`.
    func splitFile(_ name: String, compiledIn directory: String, besides main: String) -> ElfFile? {
        var candidates = [SourcePath.joined(directory, name)]
        let last = name.split(separator: "/").last.map(String.init) ?? name
        candidates.append(SourcePath.joined(Self.directory(of: main), name))
        candidates.append(SourcePath.joined(Self.directory(of: main), last))
        for path in candidates {
            if let file = open(path) { return file }
        }
        return nil
    }

    /// The .dwp package of `main`, which lies beside it.
    func package(of main: String) -> ElfFile? {
        open(main + ".dwp")
    }

    private func linkedFile(of main: ElfFile, buildID: BuildID?, warnings: inout [String]) -> Found? {
        let link = main.contents(".gnu_debuglink")
        var reader = ByteReader(link.bytes)
        guard !link.isEmpty, let name = try? reader.readString(), !name.isEmpty, !name.utf8.contains(0x2f) else {
            return nil
        }
        let aligned = (reader.offset + 3) & ~3
        guard (try? reader.seek(to: aligned)) != nil, let checksum = try? reader.read(UInt32.self) else { return nil }
        let folder = Self.directory(of: main.path)
        var candidates = [folder + "/" + name, folder + "/.debug/" + name]
        let inside = files.inside(folder)
        for directory in options.debugDirectories { candidates.append(directory + inside + "/" + name) }
        for candidate in candidates where candidate != main.path {
            guard let found = files.open(candidate) else { continue }
            let path = found.path
            guard Self.checksum(of: found.descriptor) == checksum else {
                warnings.append("\(path) does not belong to \(main.path): its checksum differs")
                continue
            }
            if let file = try? ElfFile(found.descriptor, path: path) {
                return Found(file: file, source: .debugLink(path))
            }
        }
        return nil
    }

    /// A file from debuginfod servers, if they may be asked; the outcome is told in `warnings`.
    private func fetch(_ id: BuildID, _ what: String, of file: ElfFile, _ warnings: inout [String]) -> ElfFile? {
        guard options.debuginfod, id.bytes.count > 1 else { return nil }
        switch files.fetch(id) {
        case .success(let descriptor):
            guard let fetched = try? ElfFile(descriptor, path: "debuginfod:\(id)"),
                fetched.buildID == nil || fetched.buildID == id
            else {
                warnings.append("debuginfod: what came as \(what) of \(file.path) (build ID \(id)) is not it")
                return nil
            }
            warnings.append("debuginfod: fetched \(what) of \(file.path) (build ID \(id))")
            return fetched
        case .failure(let message):
            warnings.append("debuginfod: \(what) of \(file.path) (build ID \(id)) not fetched: \(message)")
            return nil
        }
    }

    private func open(_ path: String) -> ElfFile? {
        guard let found = files.open(path) else { return nil }
        return try? ElfFile(found.descriptor, path: found.path)
    }

    private static func buildIDPath(_ directory: String, _ id: BuildID) -> String {
        let digits = id.description
        return directory + "/.build-id/" + digits.prefix(2) + "/" + digits.dropFirst(2) + ".debug"
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The CRC-32 of the whole file, which is what .gnu_debuglink holds; nil if it cannot be read.
    private static func checksum(of file: borrowing FileDescriptor) -> UInt32? {
        guard let status = try? file.status(), status.st_mode & S_IFMT == S_IFREG else { return nil }
        var sum: UInt = 0
        var offset: UInt64 = 0
        while offset < UInt64(max(status.st_size, 0)) {
            guard let chunk = try? file.read(at: FileOffset(offset), count: 1 << 20), !chunk.isEmpty else { break }
            sum = unsafe crc32(sum, chunk, UInt32(chunk.count))
            offset += UInt64(chunk.count)
        }
        return UInt32(truncatingIfNeeded: sum)
    }
}

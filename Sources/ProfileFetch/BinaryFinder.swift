import ELF
import Glibc
import Primitives
import ProfileModel

/// Finds the files that a profile's mappings are of in the folders of `PPROF_BINARY_PATH`.
///
/// The places that are tried, and their order: github.com/google/pprof `internal/driver/fetch.go`.
struct BinaryFinder {
    private let folders: [String]

    /// - Parameter environment: The value of an environment variable.
    init(_ environment: (String) -> String?) {
        let named = environment("PPROF_BINARY_PATH") ?? ""
        let list = named.isEmpty ? (environment("HOME") ?? "") + "/pprof/binaries" : named
        folders = list.split(separator: ":").map(String.init).filter(Self.isFolder)
    }

    /// Makes the mappings of `profile` name the files that were found, and returns what is to be said of files that are
    /// not the ones that ran.
    func locate(_ profile: inout Profile) -> [String] {
        guard !folders.isEmpty else { return [] }
        var notices: [String] = []
        for index in profile.mappings.indices {
            let buildID = profile.string(profile.mappings[index].buildID)
            let path = profile.string(profile.mappings[index].filename)
            for candidate in folders.lazy.flatMap({ candidates(in: $0, path: path, buildID: buildID) }) {
                guard let image = ProgramFile.image(candidate) else { continue }
                let found = image.buildID?.description ?? ""
                if buildID.isEmpty || buildID == found {
                    profile.mappings[index].filename = profile.intern(candidate)
                    break
                }
                notices.append("Ignoring local file \(candidate): build-id mismatch (\(buildID) != \(found))")
            }
        }
        return notices
    }

    private func candidates(in folder: String, path: String, buildID: String) -> [String] {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        var result: [String] = []
        // A build ID is hexadecimal digits; another text must not lead out of the folder.
        if !buildID.isEmpty, buildID.allSatisfy(\.isHexDigit) {
            if !name.isEmpty { result.append(join(folder, buildID, name)) }
            result += Self.entries(join(folder, buildID)).map { join(folder, buildID, $0) }
            result.append(join(folder, path, buildID))
            if buildID.utf8.count > 2 {
                result.append(join(folder, String(buildID.prefix(2)), buildID.dropFirst(2) + ".debug"))
            }
        }
        if !name.isEmpty {
            result += [
                join(folder, name), join(folder, path), join(folder, path + ".debug"),
                join(folder, parent, ".debug", name + ".debug"),
                join(folder, "usr/lib/debug", parent, name + ".debug"),
            ]
        }
        return result
    }

    private func join(_ parts: String...) -> String {
        let joined = parts.flatMap { $0.split(separator: "/") }.filter { $0 != "." }.joined(separator: "/")
        return (parts[0].hasPrefix("/") ? "/" : "") + joined
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names of what lies in a folder, in order.
    private static func entries(_ path: String) -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe _ = closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder), names.count < 1000 {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { start in
                unsafe String(cString: UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self))
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted(by: bytesPrecede)
    }
}

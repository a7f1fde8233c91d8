import Glibc
import Primitives

/// Where profiles from servers are kept: `$PPROF_TMPDIR`, else `$HOME/pprof`, else the folder for temporary files.
enum ProfileFolder {
    /// The first of these folders that can be made, and what is to be said of those that cannot.
    static func prepare(_ environment: (String) -> String?) -> (path: String?, notices: [String]) {
        var candidates: [String] = []
        if let named = environment("PPROF_TMPDIR"), !named.isEmpty { candidates.append(named) }
        if let home = environment("HOME"), !home.isEmpty { candidates.append(home + "/pprof") }
        candidates.append(environment("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp")
        var notices: [String] = []
        for candidate in candidates {
            do throws(SystemError) {
                try make(candidate)
                return (candidate, notices)
            } catch {
                notices.append("Could not use temp dir \(candidate): \(error)")
            }
        }
        return (nil, notices)
    }

    /// Makes the folder at `path`, with those that it lies in, unless it is there.
    private static func make(_ path: String) throws(SystemError) {
        var partial = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            partial += (partial.isEmpty || partial == "/" ? "" : "/") + part
            if unsafe mkdir(partial, 0o755) != 0, errno != EEXIST { throw .last("mkdir " + partial) }
        }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .last("mkdir " + path) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw SystemError(code: ENOTDIR, operation: "mkdir " + path) }
    }
}

import Glibc
import Primitives

/// The folder of a cgroup.
enum Cgroup {
    /// Opens a folder of a mounted hierarchy, or a name (as in /proc/PID/cgroup) below one of the usual mount points.
    static func open(_ path: String) throws(SamplerError) -> FileDescriptor {
        var failure = SystemError(code: ENOENT, operation: "open " + path)
        let roots = ["/sys/fs/cgroup/", "/sys/fs/cgroup/perf_event/", "/sys/fs/cgroup/unified/"]
        let relative = String(path.drop { $0 == "/" })
        // "/system.slice" may be either, so a path is tried as it is first.
        for candidate in (path.hasPrefix("/") ? [path] : []) + roots.map({ $0 + relative }) {
            // A folder of the mount point's own, which need not be a cgroup, has no such file.
            guard unsafe access(candidate + "/cgroup.procs", F_OK) == 0 else { continue }
            do {
                return try FileDescriptor(opening: candidate, O_RDONLY | O_DIRECTORY)
            } catch {
                if error.code != ENOENT { failure = error }
            }
        }
        throw .cgroup(path: path, failure)
    }
}

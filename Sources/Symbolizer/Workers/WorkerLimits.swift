internal import CLinux
internal import Glibc

/// What a worker may use before the kernel stops it, and what it gives up before it opens the first file.
///
/// Files are mapped, so address space says little: the limit that protects the machine is the one on private writable memory.
enum WorkerLimits {
    /// Bytes of address space: the largest programs with debug information have some 8 GB.
    static let addressSpaceByteCount: UInt64 = 32 << 30
    /// Bytes of private writable memory (RLIMIT_DATA, which counts anonymous mappings since Linux 4.7), or a quarter of the machine's
    /// where that is less.
    static let dataByteCount: UInt64 = 4 << 30
    /// Open files: the file, its debug files, and what libraries need.
    static let openFileCount: UInt64 = 256

    /// Takes the limits on, and closes all descriptors from `first` up; failures are ignored, since each only makes a wall thinner.
    static func enter(closingFrom first: UInt32) {
        set(Int32(RLIMIT_AS.rawValue), addressSpaceByteCount)
        set(Int32(RLIMIT_DATA.rawValue), min(dataByteCount, memoryByteCount / 4))
        set(Int32(RLIMIT_CORE.rawValue), 0)
        set(Int32(RLIMIT_NOFILE.rawValue), openFileCount)
        _ = sprof_prctl(PR_SET_NO_NEW_PRIVS, 1)
        // No other process of the user may attach to it and use its open files.
        _ = sprof_prctl(PR_SET_DUMPABLE, 0)
        _ = sprof_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL))
        _ = sprof_close_from(first)
    }

    /// The machine's memory: a bomb of compressed sections in each of four workers must not fill it.
    private static var memoryByteCount: UInt64 {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let size = sysconf(Int32(_SC_PAGESIZE))
        return pages > 0 && size > 0 ? max(UInt64(pages) * UInt64(size), 1 << 30) : .max
    }

    /// Lets the process use `seconds` more of CPU before SIGXCPU ends it.
    static func allow(cpuSeconds seconds: UInt64) {
        var usage = rusage()
        guard unsafe getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return }
        let used = UInt64(max(0, usage.ru_utime.tv_sec + usage.ru_stime.tv_sec))
        var limit = rlimit()
        guard unsafe getrlimit(Int32(RLIMIT_CPU.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(used &+ seconds &+ 1))
        _ = unsafe setrlimit(Int32(RLIMIT_CPU.rawValue), &limit)
    }

    /// Lowers a limit, soft and hard; never raises one.
    private static func set(_ resource: Int32, _ value: UInt64) {
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_max = min(limit.rlim_max, rlim_t(value))
        limit.rlim_cur = min(limit.rlim_cur, limit.rlim_max)
        _ = unsafe setrlimit(resource, &limit)
    }
}

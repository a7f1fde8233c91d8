internal import Glibc

/// The limit of open files (RLIMIT_NOFILE).
public enum FileLimit {
    /// The present soft limit.
    public static var current: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        return Int(clamping: limit.rlim_cur)
    }

    /// Raises the soft limit to the hard one, and both to `wanted` where we have CAP_SYS_RESOURCE; whether it grew.
    @discardableResult
    public static func raise(to wanted: Int) -> Bool {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return false }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        if before < limit.rlim_max, unsafe setrlimit(resource, &limit) != 0 { return false }
        if limit.rlim_max < rlim_t(wanted) {
            var larger = rlimit(rlim_cur: rlim_t(wanted), rlim_max: rlim_t(wanted))
            if unsafe setrlimit(resource, &larger) == 0 { return true }
        }
        return limit.rlim_cur > before
    }
}

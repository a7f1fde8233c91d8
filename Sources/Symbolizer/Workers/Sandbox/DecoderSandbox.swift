internal import CLinux
internal import Glibc

/// What the process that decodes strangers' files gives up before it sees the first one.
///
/// Three walls behind each other: no privileges (nobody's identity if it was root's, no capabilities), Landlock (no file system, no
/// network, no signals to others), and a filter of system calls that leaves memory, threads and the descriptors it holds.
/// It reads open files that are handed to it and writes answers; it can neither open nor start nor reach anything.
enum DecoderSandbox {
    /// The walls that the kernel did not give, as bits.
    struct Missing: OptionSet, Hashable, Sendable {
        let rawValue: UInt8
        static let identity = Missing(rawValue: 1)
        static let landlock = Missing(rawValue: 2)
        static let filter = Missing(rawValue: 4)

        /// The names of the walls, for the user; empty when none is missing.
        var names: [String] {
            var names: [String] = []
            if contains(.identity) { names.append("another user's identity") }
            if contains(.landlock) { names.append("Landlock") }
            if contains(.filter) { names.append("seccomp") }
            return names
        }
    }

    /// The walls, in the order in which they are built.
    enum Wall: String, CaseIterable {
        case identity, landlock, filter
    }

    /// The user and the group called nobody: the kernel's overflow ids.
    private static let nobody: uid_t = 65534

    /// Gives everything up, for ever; which walls could not be built. Fewer than all are for tests of each.
    static func enter(_ walls: [Wall] = Wall.allCases) -> Missing {
        var missing: Missing = []
        if walls.contains(.identity), !dropIdentity() { missing.insert(.identity) }
        // Changing the identity has reset both: the decoder goes with its broker, and no one may attach to it.
        _ = sprof_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL))
        _ = sprof_prctl(PR_SET_DUMPABLE, 0)
        _ = sprof_prctl(PR_SET_NO_NEW_PRIVS, 1)
        if walls.contains(.landlock), !denyAllAccess() { missing.insert(.landlock) }
        if walls.contains(.filter), !systemCalls().install() { missing.insert(.filter) }
        return missing
    }

    /// Becomes nobody if this is root, and gives up all capabilities. In a user namespace without such a user the identity
    /// stays, without its capabilities, which counts as missing.
    private static func dropIdentity() -> Bool {
        let isChanged = geteuid() != 0 || sprof_become(nobody, nobody) == 0
        return sprof_drop_capabilities() == 0 && isChanged
    }

    /// Landlock with everything handled and nothing allowed (Documentation/userspace-api/landlock.rst of Linux).
    private static func denyAllAccess() -> Bool {
        let version = sprof_landlock_version()
        guard version >= 1 else { return false }
        // Bits 0–12 since the first version, REFER in 2, TRUNCATE in 3, IOCTL_DEV in 5.
        let fileBitCount: UInt64
        switch version {
        case 1: fileBitCount = 13
        case 2: fileBitCount = 14
        case 3, 4: fileBitCount = 15
        default: fileBitCount = 16
        }
        // TCP bind and connect in 4; abstract UNIX sockets and signals outside of the sandbox in 6.
        let networkBits: UInt64 = version >= 4 ? 3 : 0
        let scopes: UInt64 = version >= 6 ? 3 : 0
        let byteCount = version >= 6 ? 24 : version >= 4 ? 16 : 8
        return sprof_landlock_deny((1 << fileBitCount) - 1, networkBits, scopes, byteCount) == 0
    }

    /// What decoding needs: its descriptors, memory that is never executable, threads, the time, its own end.
    private static func systemCalls() -> SystemCallFilter {
        var filter = SystemCallFilter()
        // The common ones first: the list is searched from its start.
        for number in [
            SYS_read, SYS_write, SYS_pread64, SYS_recvmsg, SYS_sendmsg, SYS_close, SYS_munmap, SYS_madvise, SYS_brk,
            SYS_mremap, SYS_futex, SYS_fstat, SYS_newfstatat, SYS_lseek, SYS_readv, SYS_writev, SYS_ppoll,
            SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday, SYS_getrandom, SYS_getrusage,
            SYS_sysinfo, SYS_sched_yield, SYS_sched_getaffinity, SYS_set_robust_list, SYS_rt_sigprocmask,
            SYS_rt_sigaction, SYS_rt_sigreturn, SYS_sigaltstack, SYS_restart_syscall, SYS_gettid, SYS_getpid, SYS_exit,
            SYS_exit_group,
        ] { filter.allow(Int32(number)) }
        filter.allow(Int32(SYS_rseq))
        #if arch(x86_64)
            filter.allow(Int32(SYS_poll))
        #endif
        let notExecutable = SystemCallFilter.Condition(argument: 2, mask: UInt32(PROT_EXEC), value: 0)
        filter.allow(Int32(SYS_mmap), ifAny: [notExecutable])
        filter.allow(Int32(SYS_mprotect), ifAny: [notExecutable])
        // CLONE_THREAD: another thread, never another process. clone3(2) hides its flags behind a pointer.
        filter.allow(Int32(SYS_clone), ifAny: [.init(argument: 0, mask: 0x0001_0000, value: 0x0001_0000)])
        filter.hide(Int32(SYS_clone3))
        filter.allow(
            Int32(SYS_fcntl),
            ifAny: [F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL].map {
                .init(argument: 1, mask: .max, value: UInt32($0))
            })
        // Its own limits, which it can only lower, and signals to itself, which is how abort(3) ends it.
        filter.allow(Int32(SYS_prlimit64), ifAny: [.init(argument: 0, mask: .max, value: 0)])
        filter.allow(Int32(SYS_tgkill), ifAny: [.init(argument: 0, mask: .max, value: UInt32(getpid()))])
        return filter
    }
}

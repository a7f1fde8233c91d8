internal import Primitives

/// The memory of a process, read while it runs (proc_pid_mem(5)); for the few bytes around addresses in code that was made
/// at run time.
struct ProcessMemory {
    let process: ProcessID

    /// At most `count` bytes from `address` on; fewer, or none, where they cannot be read.
    func bytes(at address: Address, count: Int) -> [UInt8] {
        guard Int64(exactly: address.value) != nil, let memory = try? FileDescriptor(opening: "/proc/\(process)/mem")
        else { return [] }
        return (try? memory.read(at: FileOffset(address.value), count: count)) ?? []
    }
}

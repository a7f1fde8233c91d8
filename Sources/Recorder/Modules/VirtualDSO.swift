internal import Glibc
internal import Primitives

/// The kernel's shared object in every process, read from sprof's own memory.
enum VirtualDSO {
    /// The bytes of the image; nil when the kernel maps none.
    static func bytes() -> [UInt8]? {
        guard let entry = MemoryMap(of: ProcessID(getpid()))?.entries.first(where: { $0.path == "[vdso]" }),
            let memory = try? FileDescriptor(opening: "/proc/self/mem")
        else { return nil }
        let count = entry.range.upperBound.value - entry.range.lowerBound.value
        guard count <= 1 << 20 else { return nil }
        return try? memory.read(at: FileOffset(entry.range.lowerBound.value), count: Int(count))
    }
}

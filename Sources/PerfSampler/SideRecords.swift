public import Primitives

/// A mapping of executable memory appeared in a process (PERF_RECORD_MMAP2).
public struct MappingRecord: Sendable, Hashable {
    /// The process; -1 for the kernel itself.
    public var processID: ProcessID
    /// The thread that mapped it.
    public var threadID: ThreadID
    /// CLOCK_MONOTONIC in nanoseconds.
    public var timeNanoseconds: UInt64
    /// The first address.
    public var start: Address
    /// The length.
    public var byteCount: UInt64
    /// Where in the file the mapping starts.
    public var fileOffset: FileOffset
    /// The file's build ID as the kernel read it from memory; then device and inode are not known.
    public var buildID: BuildID?
    /// The device's major number; 0 if not known.
    public var deviceMajor: UInt32
    /// The device's minor number; 0 if not known.
    public var deviceMinor: UInt32
    /// The inode; 0 if not known.
    public var inode: UInt64
    /// PROT_* bits; 0 if not known.
    public var protection: UInt32
    /// MAP_* bits.
    public var flags: UInt32
    /// The path as the target saw it, or a name such as "[vdso]" or "//anon".
    public var path: String
    /// Whether the mapping is the kernel's.
    public var isKernel: Bool
}

/// A thread got a name (PERF_RECORD_COMM).
public struct CommandRecord: Sendable, Hashable {
    /// The process.
    public var processID: ProcessID
    /// The thread.
    public var threadID: ThreadID
    /// CLOCK_MONOTONIC in nanoseconds.
    public var timeNanoseconds: UInt64
    /// The name, at most 15 bytes.
    public var name: String
    /// Whether it comes from exec: all mappings of the process before it are gone.
    public var isExec: Bool
}

/// A thread or process began or ended (PERF_RECORD_FORK, PERF_RECORD_EXIT).
public struct TaskRecord: Sendable, Hashable {
    /// The process.
    public var processID: ProcessID
    /// The process that it came from; the same for a new thread.
    public var parentProcessID: ProcessID
    /// The thread.
    public var threadID: ThreadID
    /// The thread that made it.
    public var parentThreadID: ThreadID
    /// CLOCK_MONOTONIC in nanoseconds.
    public var timeNanoseconds: UInt64
}

/// Where drained records go; within one drain in time order.
public protocol RecordSink: ~Copyable {
    /// A sample; its bytes are gone when the call returns.
    mutating func sample(_ record: borrowing SampleRecord)
    /// A new mapping.
    mutating func mapping(_ record: MappingRecord)
    /// A new name.
    mutating func command(_ record: CommandRecord)
    /// A new thread or process.
    mutating func fork(_ record: TaskRecord)
    /// The end of a thread.
    mutating func exit(_ record: TaskRecord)
    /// The user part of earlier samples; its addresses are gone when the call returns.
    mutating func deferredCallChain(_ record: borrowing DeferredCallChain)
}

public import Primitives

/// How the user part of a stack is found.
public enum StackMethod: String, Sendable, CaseIterable {
    /// Registers and a copy of the stack, unwound by the tables that compilers write.
    case unwindTables
    /// The kernel follows the frame pointers.
    case framePointers
    /// Only the sampled address.
    case none
}

/// What to record, how, and for how long.
public struct RecordingOptions: Sendable {
    /// What is sampled.
    public enum Target: Sendable, Equatable {
        case processes([ProcessID])
        case threads([ThreadID])
        /// A program with its arguments, started for the recording.
        case command([String])
        case system
        case cgroup(String)
    }

    /// How often.
    public enum Rate: Sendable, Equatable {
        case frequency(Int)
        case maximumFrequency
        case period(UInt64)
    }

    public var target: Target
    /// Names of events as perf knows them; `cpu` is the best clock there is.
    public var events: [String] = ["cpu"]
    /// Nil for 99 Hz, and for every occurrence of a tracepoint.
    public var rate: Rate?
    /// Nil to go on until the target ends or the user stops it.
    public var durationNanoseconds: UInt64?
    public var stackMethod: StackMethod = .unwindTables
    /// Nil for the default of the rate.
    public var stackByteCount: Int?
    public var ringByteCount: Int?
    public var userOnly = false
    public var kernelOnly = false
    public var includesChildren = true
    /// Adds a label with the CPU to each sample.
    public var labelsCPU = false
    /// Lets missing debug information be fetched from the servers in `DEBUGINFOD_URLS`.
    public var usesDebuginfod = false
    /// How long finding the names of one file may take.
    public var symbolizingSecondsPerFile = 60
    /// The command line that asked for the recording, for the profile's comments.
    public var commandLine = ""

    public init(target: Target) {
        self.target = target
    }
}

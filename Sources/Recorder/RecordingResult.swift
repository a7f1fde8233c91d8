public import PerfSampler
public import ProfileModel

/// What a recording leaves behind.
public struct RecordingResult: Sendable {
    /// The finished profile; without samples when there were none.
    public var profile: Profile
    /// How good it is.
    public var account: QualityAccount
    /// How the command ended, when there was one and it has.
    public var command: CommandResult?
    /// The command was ended because the time for the recording was over.
    public var hasEndedCommand: Bool
    /// Why there are no samples; nil when there are some.
    public var emptyReason: String?
}

/// What a recording is doing, for a progress line.
public enum RecordingProgress: Sendable {
    /// Samples are taken.
    case recording(elapsedNanoseconds: UInt64, samples: UInt64, lost: UInt64)
    /// Names are looked up; `isFetching` when debug information may come from servers, which takes its time.
    case symbolizing(filesDone: Int, files: Int, addressesDone: Int, addresses: Int, isFetching: Bool)
}

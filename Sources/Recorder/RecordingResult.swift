public import ProfileModel

/// What a recording leaves behind.
public struct RecordingResult: Sendable {
    /// The finished profile; without samples when there were none.
    public var profile: Profile
    /// How good it is.
    public var account: QualityAccount
    /// How the command ended, when there was one.
    public var commandStatus: CommandStatus?
    /// Why there are no samples; nil when there are some.
    public var emptyReason: String?
}

/// How a command ended.
public enum CommandStatus: Sendable, Equatable {
    case exited(Int32)
    case killed(signal: Int32)

    /// The exit status that a shell would report.
    public var shellStatus: Int32 {
        switch self {
        case .exited(let status): status
        case .killed(let signal): 128 + signal
        }
    }
}

/// What a recording is doing, for a progress line.
public enum RecordingProgress: Sendable {
    /// Samples are taken.
    case recording(elapsedNanoseconds: UInt64, samples: UInt64, lost: UInt64)
    /// Names are looked up.
    case symbolizing(filesDone: Int, files: Int, addressesDone: Int, addresses: Int)
}

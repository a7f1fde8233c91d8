internal import StackUnwinder

/// How the user stacks of a recording ended.
struct SampleStatistics {
    /// The stacks that did not reach their root, by reason.
    struct Failures {
        var noUnwindInformation: UInt64 = 0
        var noMapping: UInt64 = 0
        var badFrame: UInt64 = 0
        var stackSwitch: UInt64 = 0
        var frameLimit: UInt64 = 0
        var noRegisters: UInt64 = 0
        var noFramePointer: UInt64 = 0
        var missingCallChain: UInt64 = 0
        var silentFile: UInt64 = 0

        /// The reasons that occurred, in words.
        var byReason: [String: UInt64] {
            let all: [(String, UInt64)] = [
                ("no unwind information", noUnwindInformation), ("address outside of every mapping", noMapping),
                ("inconsistent frame", badFrame), ("on another stack", stackSwitch),
                ("too many frames", frameLimit), ("no frame pointer", noFramePointer),
                ("user call chain did not come", missingCallChain), ("file system does not answer", silentFile),
                ("no 64-bit user registers", noRegisters),
            ]
            return Dictionary(uniqueKeysWithValues: all.filter { $0.1 > 0 })
        }
    }

    var userStackCount: UInt64 = 0
    var completeCount: UInt64 = 0
    var truncatedCount: UInt64 = 0
    var failures = Failures()
    var guessedFrameCount: UInt64 = 0
    var malformedMappingCount: UInt64 = 0

    /// Counts one sample whose user stack was promised for later and did not come; the marker in its place.
    mutating func countMissingCallChain() -> StackMarker {
        failures.missingCallChain &+= 1
        return .missingCallChain
    }

    /// Counts one chain of frame pointers; the marker that it is to end in, none if it is whole.
    mutating func countCallChain(_ end: StackEnd) -> StackMarker? {
        if end.isComplete { return count(end) }
        failures.noFramePointer &+= 1
        return .noFramePointer
    }

    /// Counts one stack; the marker that it is to end in, none if it is whole.
    mutating func count(_ end: StackEnd) -> StackMarker? {
        switch end {
        case .root, .schedulerRoot:
            completeCount &+= 1
            return nil
        case .truncated:
            truncatedCount &+= 1
            return .truncated
        case .noUnwindInfo:
            failures.noUnwindInformation &+= 1
            return .noUnwindInformation
        case .noMapping:
            failures.noMapping &+= 1
            return .noMapping
        case .badFrame:
            failures.badFrame &+= 1
            return .badFrame
        case .stackSwitch:
            failures.stackSwitch &+= 1
            return .stackSwitch
        case .silentFile:
            failures.silentFile &+= 1
            return .silentFile
        case .frameLimit:
            failures.frameLimit &+= 1
            return .frameLimit
        }
    }
}

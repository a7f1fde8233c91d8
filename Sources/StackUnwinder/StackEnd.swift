public import Primitives

/// Why a stack ends where it does.
public enum StackEnd: Hashable, Sendable {
    /// The outermost frame was reached: the stack is whole.
    case root
    /// The outermost frame of a Go scheduler stack (g0) was reached; the goroutine's own stack is elsewhere.
    case schedulerRoot
    /// The copy of the stack ends before the stack does; the next frame needs a copy of at least this many bytes.
    case truncated(neededBytes: Int)
    /// The code at this address has no unwind information, and nothing else proved a caller.
    case noUnwindInfo(Address)
    /// No executable mapping is known at this address.
    case noMapping(Address)
    /// The rules for this address gave a frame that cannot be: damaged stack or wrong unwind information.
    case badFrame(Address)
    /// The code at this address runs on another stack than the one that was copied (a signal stack, a fiber).
    case stackSwitch(Address)
    /// The code at this address is in a file that does not answer, so that what is needed of it cannot be read.
    case silentFile(Address)
    /// The frame buffer is full.
    case frameLimit

    /// Whether all frames were found.
    public var isComplete: Bool {
        switch self {
        case .root, .schedulerRoot: true
        default: false
        }
    }
}

/// How many stacks ended in each way, for the account of a recording.
public struct StackEndCounts: Hashable, Sendable {
    /// Stacks that are whole, ending at the outermost frame.
    public var root = 0
    /// Stacks that are whole, ending on a Go scheduler stack.
    public var schedulerRoot = 0
    /// Stacks longer than their copy.
    public var truncated = 0
    /// Stacks lost in code without unwind information.
    public var noUnwindInfo = 0
    /// Stacks lost at an address without a mapping.
    public var noMapping = 0
    /// Stacks with an impossible frame.
    public var badFrame = 0
    /// Stacks that continue on another stack.
    public var stackSwitch = 0
    /// Stacks that reach code in a file that does not answer.
    public var silentFile = 0
    /// Stacks with more frames than the buffer holds.
    public var frameLimit = 0
    /// Stacks that had to be unwound a second time with all registers.
    public var restarted = 0
    /// Stacks with at least one guessed frame.
    public var withGuesses = 0

    /// Nothing counted.
    public init() {}

    /// Counts one stack.
    public mutating func count(_ end: StackEnd) {
        switch end {
        case .root: root += 1
        case .schedulerRoot: schedulerRoot += 1
        case .truncated: truncated += 1
        case .noUnwindInfo: noUnwindInfo += 1
        case .noMapping: noMapping += 1
        case .badFrame: badFrame += 1
        case .stackSwitch: stackSwitch += 1
        case .silentFile: silentFile += 1
        case .frameLimit: frameLimit += 1
        }
    }
}

import Primitives

/// Where a frame's code lives: a module of the recording, or one of the places that are not a file.
///
/// The raw value is an index into the recording's modules; the highest values are the fixed places.
struct CodeSource: Hashable {
    var rawValue: UInt32

    /// The kernel and its modules; positions are kernel addresses.
    static let kernel = CodeSource(rawValue: .max)
    /// Not code: a marker such as `[truncated]`; positions are `StackMarker` raw values.
    static let marker = CodeSource(rawValue: .max - 1)

    var isModule: Bool { rawValue < CodeSource.marker.rawValue }
}

/// One distinct code position: what becomes one `Location` of the profile.
struct CodePosition: Hashable {
    var source: CodeSource
    /// The file address in a module file; the process address in anonymous memory and the kernel.
    ///
    /// For a caller it is the return address less one, so that it lies within the call instruction.
    var position: UInt64
    /// The frame was found by scanning the stack and not by a rule.
    var isGuessed: Bool
    /// In memory of a process that writes a jitdump: the slice of time of it.
    var jitSlice: UInt32 = 0
}

/// What a stack that did not reach its root ends in, as a frame of its own.
enum StackMarker: UInt64 {
    case truncated
    case noUnwindInformation
    case noMapping
    case badFrame
    case frameLimit
    case noRegisters
    case stackSwitch
    case noFramePointer
    case missingCallChain
    case silentFile

    /// The name of the frame in the profile.
    var name: String {
        switch self {
        case .truncated: "[truncated]"
        case .noUnwindInformation: "[unwind failed: no unwind information]"
        case .noMapping: "[unwind failed: address outside of every mapping]"
        case .badFrame: "[unwind failed: inconsistent frame]"
        case .frameLimit: "[unwind failed: too many frames]"
        case .noRegisters: "[unwind failed: no 64-bit user registers]"
        case .noFramePointer: "[unwind failed: no frame pointer]"
        case .missingCallChain: "[unwind failed: user call chain did not come]"
        case .silentFile: "[unwind failed: file system does not answer]"
        case .stackSwitch: "[unwind failed: on another stack]"
        }
    }
}

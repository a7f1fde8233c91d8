/// What the FDEs of one kind of function share (DWARF 5, section 6.4.1; LSB core, ".eh_frame").
struct CommonInformation {
    var codeAlignment: UInt64 = 1
    var dataAlignment: Int64 = 1
    var returnRegister: Int = 0
    /// How addresses in the FDEs are written (`DW_EH_PE_*`).
    var pointerEncoding: UInt8 = 0
    var hasAugmentationData = false
    /// The function is the return from a signal handler: its caller was interrupted, it did not call.
    var isSignalFrame = false
    var instructions: Range<Int> = 0..<0
}

/// The unwind information of one stretch of code.
struct FrameDescription {
    var common: CommonInformation
    /// The addresses it covers, in the image's own addresses.
    var range: Range<UInt64>
    var instructions: Range<Int>
}

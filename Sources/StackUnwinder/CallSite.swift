/// What lies before an address that may be a return address.
enum CallSite: Equatable {
    /// No call instruction: not a return address.
    case none
    /// A call to this address of the image.
    case direct(UInt64)
    /// A call through a register or memory.
    case indirect
    /// The code cannot be read.
    case unknown
}

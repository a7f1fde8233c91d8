/// What an unwinder must know of an instruction set besides its code patterns.
struct RegisterLayout: Sendable {
    /// The number of registers that unwind rules can name, from 0.
    let count: Int
    let framePointer: Int
    let stackPointer: Int
    /// The DWARF number under which `RegisterSet` keeps the program counter.
    let programCounter: Int
    /// The register in which a call leaves the return address; nil where it is pushed.
    let linkRegister: Int?
    /// `perf_event_attr.sample_regs_user`.
    let perfMask: UInt64
    /// The bits of a code address: the others carry pointer authentication.
    let addressMask: UInt64
    /// The bits of a saved frame pointer: Swift marks asynchronous frames with bit 60.
    let framePointerMask: UInt64
    /// The register with the result of a system call.
    let resultRegister: Int
    /// The registers in which a landing pad gets the exception (psABI): no caller expects them back, so a row that says
    /// where they are saved is one of an exception's unwinder.
    let exceptionRegisters: (Int, Int)
    /// The registers that a function must give back unchanged.
    let calleeSaved: UInt64
}

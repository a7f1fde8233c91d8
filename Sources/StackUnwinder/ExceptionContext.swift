/// A frame as libgcc's unwinder for exceptions keeps it on its own stack: `struct _Unwind_Context` of
/// gcc:libgcc/unwind-dw2.c, on x86_64, of GCC 12 and as it still is in GCC's main branch.
///
/// The places of 18 registers come first, then the stack pointer (`cfa`), the address in the code (`ra`), what belongs to
/// its function (`lsda`, `bases`), `flags`, a version, the bytes of pushed arguments, and which registers are not
/// saved somewhere but have their value in the place's stead (`by_value`).
struct ExceptionContext {
    private static let stackPointerOffset: UInt64 = 144
    private static let codeAddressOffset: UInt64 = 152
    private static let functionOffset: UInt64 = 184
    private static let flagsOffset: UInt64 = 192
    private static let byValueOffset: UInt64 = 216
    /// `SIGNAL_FRAME_BIT`: a signal interrupted the frame.
    private static let signalFlag: UInt64 = 1 << 63
    /// `EXTENDED_CONTEXT_BIT`: `by_value` is there.
    private static let extendedFlag: UInt64 = 1 << 62

    /// The 234 bytes of it, aligned as its vectors are copied.
    static let byteCount: UInt64 = 240

    let memory: StackMemory
    let address: UInt64
    /// The frame's stack pointer, behind the return of what it has called.
    let stackPointer: UInt64
    /// Where the frame goes on: behind its call or, once it is to catch, at its landing pad.
    let codeAddress: UInt64
    /// What the slot says that the return address was read from.
    let returnAddress: UInt64
    /// The frame had called nothing, but was interrupted: its registers were read from the signal's context.
    let isInterrupted: Bool

    /// The record at `address`; nil when it cannot be one, as when the return address was neither the last word below the
    /// stack pointer nor in the context of a signal.
    init?(at address: UInt64, in memory: StackMemory, layout: RegisterLayout) {
        guard let stackPointer = memory.word(at: address &+ Self.stackPointerOffset),
            let returnSlot = memory.word(at: address &+ UInt64(layout.programCounter) &* 8)
        else { return nil }
        isInterrupted = returnSlot != stackPointer &- 8
        guard !isInterrupted || Self.isInSignalContext(returnSlot, ofRecordAt: address, in: memory, layout),
            isInterrupted || stackPointer & 7 == 0, let returnAddress = memory.word(at: returnSlot),
            let codeAddress = memory.word(at: address &+ Self.codeAddressOffset)
        else { return nil }
        self.memory = memory
        self.address = address
        self.stackPointer = stackPointer
        self.codeAddress = codeAddress
        self.returnAddress = returnAddress
    }

    /// Whether the record at `address` says that a signal came before, and has the places of the return address and of the
    /// registers that functions preserve where the kernel's context of a signal has them.
    private static func isInSignalContext(
        _ returnSlot: UInt64, ofRecordAt address: UInt64, in memory: StackMemory, _ layout: RegisterLayout
    ) -> Bool {
        guard let flags = memory.word(at: address &+ flagsOffset), flags & signalFlag != 0, flags & extendedFlag != 0,
            let end = SignalContext.x86_64.last, end.0 == layout.programCounter
        else { return false }
        return SignalContext.x86_64.allSatisfy { register, offset in
            register == layout.stackPointer || layout.calleeSaved & (1 << UInt64(register)) == 0
                || memory.word(at: address &+ UInt64(register) &* 8) == returnSlot &+ offset &- end.1
        }
    }

    /// Where the frame's function begins.
    var function: UInt64? { memory.word(at: address &+ Self.functionOffset) }

    /// Where the frame's `register` is saved.
    func slot(of register: Int) -> UInt64? { memory.word(at: address &+ UInt64(register) &* 8) }

    /// What the frame's `register` is.
    func value(of register: Int) -> UInt64? {
        guard let slot = slot(of: register), let flags = memory.word(at: address &+ Self.flagsOffset) else {
            return nil
        }
        if flags & Self.extendedFlag != 0,
            memory.number(at: address &+ Self.byValueOffset &+ UInt64(register), size: 1) != 0
        {
            return slot
        }
        return memory.word(at: slot)
    }
}

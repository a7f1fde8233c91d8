/// How to leave a frame, in eight bytes: enough for nearly every row that compilers emit.
///
/// The canonical frame address (CFA) is a register plus an offset; the return address and the caller's frame pointer
/// are at slots of eight bytes relative to the CFA. What does not fit is `.general` and evaluated from the CFI.
struct UnwindRule: Hashable, Sendable {
    enum Kind: UInt8 {
        /// Nothing is known of this code.
        case none
        /// CFA = stack pointer + offset.
        case stackPointer
        /// CFA = frame pointer + offset.
        case framePointer
        /// A PLT entry: CFA = stack pointer + 8, or + 16 in the entry's bytes from number `offset` on.
        case plt
        /// The outermost frame.
        case root
        /// The outermost frame of a scheduler stack of Go.
        case schedulerRoot
        /// Needs all registers or an expression: evaluated by `FrameStep`.
        case general
        /// No CFI: the frame pointer, believed only behind a call instruction.
        case checkedFramePointer
        /// No CFI and no file (JIT code): the frame pointer.
        case uncheckedFramePointer
        /// Code made at run time, by its instructions: CFA = stack pointer + offset while a call confirms it, else the frame
        /// pointer.
        case runtimeFrame
        /// A signal return trampoline without CFI.
        case signalTrampoline
        /// Go code that may have gone from a goroutine's stack to the scheduler's: CFA = stack pointer + offset while the
        /// call proves it, then the frame pointer, where it is on this stack; otherwise the stack begins here.
        case goStackSwitch
        /// A function that unwinds for an exception and may already have put the catching frame in its caller's place;
        /// `offset` 1: at the end, with the landing pad for a return address.
        case exceptionUnwinder
        /// The same, and the rule for the frame is CFA = frame pointer + offset.
        case exceptionUnwinderByFrame
        /// The code's file has not answered: nothing can be known of it.
        case silentFile
    }

    /// The slot number that says: the value is still in its register.
    static let unchanged = Int16.min

    /// kind: bits 0–7, frame pointer slot: 8–23, return address slot: 24–39, CFA offset: 40–63 (signed).
    private(set) var bits: UInt64

    init(bits: UInt64) {
        self.bits = bits
    }

    init(_ kind: Kind) {
        self.init(kind, offset: 0)
    }

    init(_ kind: Kind, offset: Int32, returnSlot: Int16 = -1, framePointerSlot: Int16 = Self.unchanged) {
        bits =
            UInt64(kind.rawValue) | UInt64(UInt16(bitPattern: framePointerSlot)) << 8
            | UInt64(UInt16(bitPattern: returnSlot)) << 24 | UInt64(UInt32(bitPattern: offset)) << 40
    }

    /// The offsets that fit.
    static let offsets: ClosedRange<Int64> = -0x80_0000...0x7f_ffff

    var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: bits)) ?? .none }
    /// The kind is `.stackPointer` or `.framePointer`, which is asked of every frame.
    var isShort: Bool { (bits & 0xff) &- UInt64(Kind.stackPointer.rawValue) < 2 }
    /// Of the two, `.framePointer`.
    var isByFramePointer: Bool { bits & 0xff == UInt64(Kind.framePointer.rawValue) }
    var framePointerSlot: Int16 { Int16(truncatingIfNeeded: bits >> 8) }
    var returnSlot: Int16 { Int16(truncatingIfNeeded: bits >> 24) }
    var offset: Int64 { Int64(bitPattern: bits) >> 40 }

    static let none = UnwindRule(.none)
    static let general = UnwindRule(.general)
}

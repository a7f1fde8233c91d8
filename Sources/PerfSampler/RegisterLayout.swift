/// Which user registers a sample carries, in the order of the architecture's perf_regs.h.
///
/// x86_64: AX BX CX DX SI DI BP SP IP R8–R15 (17 words). arm64: X0–X29, LR, SP, PC (33 words).
public enum RegisterLayout {
    #if arch(x86_64)
        /// `perf_event_attr.sample_regs_user` (arch/x86/include/uapi/asm/perf_regs.h): 0–8 and 16–23; flags and
        /// segment registers are of no use to an unwinder, and DS to GS are refused for 64 bit processes.
        public static let mask: UInt64 = 0xff_01ff
        /// The position of the stack pointer in `SampleRecord.registers`.
        public static let stackPointerIndex = 7
        /// The position of the program counter in `SampleRecord.registers`.
        public static let instructionPointerIndex = 8
        /// The position of the frame pointer (rbp) in `SampleRecord.registers`.
        public static let framePointerIndex = 6
    #elseif arch(arm64)
        /// `perf_event_attr.sample_regs_user` (arch/arm64/include/uapi/asm/perf_regs.h): 0–32.
        public static let mask: UInt64 = 0x1_ffff_ffff
        /// The position of the stack pointer in `SampleRecord.registers`.
        public static let stackPointerIndex = 31
        /// The position of the program counter in `SampleRecord.registers`.
        public static let instructionPointerIndex = 32
        /// The position of the frame pointer (x29) in `SampleRecord.registers`.
        public static let framePointerIndex = 29
    #endif

    /// The number of registers in a sample.
    public static var count: Int { mask.nonzeroBitCount }
}

/// In which form a sample's registers are (enum perf_sample_regs_abi).
public enum RegisterABI: UInt8, Sendable {
    /// There are none: a kernel thread, or a task that is on its way out.
    case none = 0
    /// A 32 bit process; the registers still take 64 bits each.
    case bits32 = 1
    /// A 64 bit process.
    case bits64 = 2
}

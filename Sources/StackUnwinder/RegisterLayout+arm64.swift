extension RegisterLayout {
    /// DWARF for the Arm 64-bit architecture, section 4.1, which numbers registers as perf does
    /// (`enum perf_event_arm_regs`: x0...x28, x29, lr, sp, pc).
    static let arm64 = RegisterLayout(
        count: 33, framePointer: 29, stackPointer: 31, programCounter: 32, linkRegister: 30,
        perfMask: (1 << 33) - 1,
        // User addresses have at most 48 bits unless a program asks for more; the rest may be a signature or a tag.
        addressMask: (1 << 48) - 1,
        framePointerMask: (1 << 48) - 1,
        resultRegister: 0, exceptionRegisters: (0, 1),
        // x19...x29, sp.
        calleeSaved: 0x7ff << 19 | 1 << 31)
}

extension RegisterLayout {
    /// System V ABI, AMD64 supplement, figure 3.36 (numbers) and section 3.2.1 (what is saved).
    static let x86_64 = RegisterLayout(
        count: 17, framePointer: 6, stackPointer: 7, programCounter: 16, linkRegister: nil,
        // All but flags and segment registers, of which ds..gs cannot be had at all: bits 0...8 and 16...23.
        perfMask: 0xff01ff,
        addressMask: ~0,
        framePointerMask: ~(1 << 60),
        resultRegister: 0,
        // rax, rdx.
        exceptionRegisters: (0, 1),
        // rbx, rbp, rsp, r12-r15.
        calleeSaved: 1 << 3 | 1 << 6 | 1 << 7 | 0xf << 12)

    /// From the order of `enum perf_event_x86_regs` (arch/x86/include/uapi/asm/perf_regs.h) to DWARF's.
    static func x86_64Number(ofPerfRegister bit: Int) -> Int? {
        switch bit {
        case 0: 0  // ax
        case 1: 3  // bx
        case 2: 2  // cx
        case 3: 1  // dx
        case 4...7: bit  // si, di, bp, sp
        case 8: 16  // ip
        case 16...23: bit - 8  // r8 ... r15
        default: nil
        }
    }
}

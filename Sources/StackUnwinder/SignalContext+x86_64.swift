extension SignalContext {
    /// `struct rt_sigframe` without its return address: `struct ucontext`, whose `uc_mcontext` is at 40
    /// (arch/x86/include/uapi/asm/sigcontext.h: r8...r15, di, si, bp, bx, dx, ax, cx, sp, ip).
    static let x86_64: [(Int, UInt64)] = [
        (8, 40), (9, 48), (10, 56), (11, 64), (12, 72), (13, 80), (14, 88), (15, 96), (5, 104), (4, 112), (6, 120),
        (3, 128), (1, 136), (0, 144), (2, 152), (7, 160), (16, 168),
    ]
}

extension SignalContext {
    /// `struct rt_sigframe`: siginfo of 128 bytes, then `struct ucontext`, whose `uc_mcontext` is at 176 and starts with
    /// the fault address (arch/arm64/include/uapi/asm/sigcontext.h: regs[31], sp, pc).
    static let arm64: [(Int, UInt64)] = (0..<33).map { ($0, 128 + 176 + 8 + 8 * UInt64($0)) }
}

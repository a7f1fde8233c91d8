import ELF

/// Rules for code without unwind information, from its bytes.
enum CodePatterns {
    /// The rule at an instruction where the frame's layout can be told from the bytes around it; nil elsewhere.
    ///
    /// `function` is where the function begins, if that is known. Only for addresses that were interrupted: behind a
    /// call the frame is complete.
    static func leafRule(
        machine: ElfMachine, address: UInt64, function: UInt64?, code: (UInt64) -> CodePages.Window
    ) -> UnwindRule? {
        switch machine {
        case .x86_64: x86_64LeafRule(address: address, function: function, code: code)
        case .arm64: arm64LeafRule(address: address, function: function, code: code)
        default: nil
        }
    }

    /// The rule at an instruction of a function of which nothing is known but the bytes around it; nil where these show
    /// neither the start of a frame nor its end.
    static func runtimeRule(machine: ElfMachine, window: CodePages.Window, isReturn: Bool) -> UnwindRule? {
        guard machine == .x86_64, !window.valid.isEmpty else { return nil }
        return isReturn ? x86_64EpilogueRule(window) : x86_64LeafRule(address: 0, function: nil, code: { _ in window })
    }

    /// What kind of call ends at the return address that `window` is around.
    static func callSite(machine: ElfMachine, address: UInt64, window: CodePages.Window) -> CallSite {
        guard !window.valid.isEmpty else { return .unknown }
        switch machine {
        case .x86_64: return x86_64CallSite(address: address, window: window)
        case .arm64: return arm64CallSite(address: address, window: window)
        default: return .unknown
        }
    }

    /// Whether the code looks like that at the entry of a program or a dynamic loader.
    static func isStart(machine: ElfMachine, window: CodePages.Window) -> Bool {
        guard machine == .x86_64 else { return true }
        // xor %ebp, %ebp or xor %rbp, %rbp: the outermost frame by the psABI; mov %rsp, %rdi; call: glibc's loader.
        for prefix: [UInt8] in [[], [0xf3, 0x0f, 0x1e, 0xfa]] {
            for start: [UInt8] in [[0x31, 0xed], [0x48, 0x31, 0xed], [0x48, 0x89, 0xe7, 0xe8]]
            where window.has(prefix + start) {
                return true
            }
        }
        return false
    }

    /// Whether the function that `window` is around begins by setting up the frame pointer.
    static func buildsFrame(machine: ElfMachine, window: CodePages.Window) -> Bool {
        switch machine {
        // push %rbp; mov %rsp, %rbp
        case .x86_64:
            window.has([0x55, 0x48, 0x89, 0xe5]) || window.has([0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x48, 0x89, 0xe5])
        default: false
        }
    }

    /// Whether the instruction before is the system call that returns from a signal handler.
    static func isBehindSignalReturn(machine: ElfMachine, window: CodePages.Window) -> Bool {
        machine == .x86_64
            && (window.has([0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05], at: -9)
                || window.has([0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05], at: -7))
    }

    /// Whether the code is the return from a signal handler.
    static func isSignalTrampoline(machine: ElfMachine, window: CodePages.Window) -> Bool {
        switch machine {
        // mov $15, %rax or %eax; syscall
        case .x86_64:
            window.has([0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05]) || window.has([0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05])
        // mov x8, #139; svc #0
        case .arm64: window.has([0x68, 0x11, 0x80, 0xd2, 0x01, 0, 0, 0xd4])
        default: false
        }
    }
}

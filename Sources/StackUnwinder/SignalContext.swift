import ELF

/// Where the kernel's signal frame keeps the registers of the interrupted code, relative to the stack pointer at the
/// return from the handler.
enum SignalContext {
    /// DWARF register numbers and offsets.
    static func offsets(for machine: ElfMachine) -> [(Int, UInt64)] {
        switch machine {
        case .x86_64: x86_64
        case .arm64: arm64
        default: []
        }
    }
}

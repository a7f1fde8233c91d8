internal import Symbolizer

/// The functions at every code position of a recording.
struct ResolvedSymbols {
    /// By location number; without frames where no name is known.
    var addresses: [SymbolizedAddress]
    /// Where the kernel and its modules are; nil when no position is in the kernel.
    var kernel: KernelLayout?
    /// Files whose names are missing or incomplete.
    var problems: [QualityAccount.ModuleProblem] = []
    /// What else the user should know.
    var notes: [String] = []

    init(locationCount: Int) {
        addresses = [SymbolizedAddress](repeating: SymbolizedAddress(), count: locationCount)
    }
}

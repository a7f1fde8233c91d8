internal import Symbolizer

/// One function at a code position; inlined calls give several.
struct ResolvedFrame: Hashable {
    /// The name to show.
    var name: String
    /// The name as the linker knows it.
    var systemName: String
    /// The source file, or empty.
    var file: String = ""
    /// The line, or 0.
    var line: Int = 0
    /// The first line of the function, or 0.
    var startLine: Int = 0
}

/// The functions at every code position of a recording.
struct ResolvedSymbols {
    /// By location number: innermost inlined function first; empty where no name is known.
    var frames: [[ResolvedFrame]]
    /// Where the kernel and its modules are; nil when no position is in the kernel.
    var kernel: KernelLayout?
    /// Files whose names are missing or incomplete.
    var problems: [QualityAccount.ModuleProblem] = []
    /// What else the user should know.
    var notes: [String] = []

    init(locationCount: Int) {
        frames = [[ResolvedFrame]](repeating: [], count: locationCount)
    }
}

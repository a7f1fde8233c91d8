/// The functions that the chains of frame pointers begin in when they are whole.
///
/// The kernel does not tell whether a chain of frame pointers reached the outermost frame or broke off, so its last
/// function has to: code that was built without frame pointers, such as Debian's C library, ends a chain anywhere.
enum RootFunctions {
    private static let names: Set<String> = [
        "_start", "__libc_start_main", "__libc_start_call_main", "__libc_start_main_impl", "start_thread", "clone",
        "clone3", "__clone3", "__clone", "_dl_start", "_dl_start_user", "runtime.goexit", "runtime.goexit.abi0",
        "runtime.mstart", "runtime.mstart.abi0", "runtime.rt0_go", "runtime.rt0_go.abi0", "_rt0_amd64_linux",
        "_rt0_arm64_linux",
    ]

    /// The number of samples whose stack ends in one of them.
    static func completeSampleCount(_ processor: borrowing SampleProcessor, _ symbols: ResolvedSymbols) -> UInt64 {
        let table = processor.locations.positions
        var complete: UInt64 = 0
        for (number, entry) in processor.stacks.entries.enumerated() where entry.frameCount > 0 {
            let last = Int(processor.stacks.locations[entry.start + entry.frameCount - 1])
            guard table[last].source.isModule, let root = symbols.frames[last].last?.systemName, names.contains(root)
            else { continue }
            for event in stride(from: 0, to: processor.stacks.valueCount, by: 2) {
                complete &+= UInt64(processor.stacks.values[number * processor.stacks.valueCount + event])
            }
        }
        return complete
    }
}

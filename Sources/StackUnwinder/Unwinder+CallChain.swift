public import Primitives

extension Unwinder {
    /// Judges a call chain that the kernel made by frame pointers: complete only when its outermost address is in code
    /// that nothing calls (a program's or thread's start, Go's `goexit`).
    ///
    /// A chain that left `main` is complete, too: where the C library has no frame pointers, it ends in its start-up code.
    ///
    /// - Parameter last: the outermost return address, or the sampled address of a chain of one.
    /// - Parameter previous: the return address before `last`, into the function that `last` leads out of.
    /// - Parameter isOnlyAddress: `last` is the sampled address.
    public static func callChainEnd(
        last: Address, previous: Address? = nil, isOnlyAddress: Bool = false, in space: borrowing AddressSpace,
        modules: ModuleTable
    ) -> StackEnd {
        let lookup = isOnlyAddress ? last.value : last.value &- 1
        if let previous, let location = CodeLocation(previous.value &- 1, in: space, modules: modules),
            location.module?.isMain(at: location.address) == true
        {
            return .root
        }
        guard let location = CodeLocation(lookup, in: space, modules: modules) else { return .noMapping(last) }
        switch location.module?.rule(at: location.address, isReturn: !isOnlyAddress).kind {
        case .root: return .root
        case .schedulerRoot: return .schedulerRoot
        default: return .noUnwindInfo(last)
        }
    }
}

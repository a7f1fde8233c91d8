public import Primitives

extension Unwinder {
    /// Judges a call chain that the kernel made by frame pointers: complete only when its outermost address is in code
    /// that nothing calls (a program's or thread's start, Go's `goexit`).
    ///
    /// - Parameter last: the outermost return address, or the sampled address of a chain of one.
    /// - Parameter isOnlyAddress: `last` is the sampled address.
    public static func callChainEnd(
        last: Address, isOnlyAddress: Bool = false, in space: borrowing AddressSpace, modules: ModuleTable
    ) -> StackEnd {
        let lookup = isOnlyAddress ? last.value : last.value &- 1
        guard let location = CodeLocation(lookup, in: space, modules: modules) else { return .noMapping(last) }
        switch location.module?.rule(at: location.address, isReturn: !isOnlyAddress).kind {
        case .root: return .root
        case .schedulerRoot: return .schedulerRoot
        default: return .noUnwindInfo(last)
        }
    }
}

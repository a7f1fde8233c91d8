import Primitives

/// Leaving frames of Go's runtime.
extension StackWalk {
    /// Leaves a function that goes to the scheduler's stack and back; `depth` is the CFA's distance from the stack pointer
    /// while it is on the stack that it was called on.
    func leaveStackSwitch(
        _ frame: inout FrameState, _ lookup: UInt64, depth: Int32, in space: borrowing AddressSpace
    ) -> Step {
        var caller = frame
        let byDepth = UnwindRule(.stackPointer, offset: depth, framePointerSlot: -2)
        // Before the frame pointer is set, it is still the caller's.
        if leave(&caller, by: byDepth) == nil, let location = CodeLocation(lookup, in: space, modules: modules),
            let start = location.module?.functionStart(around: location.address),
            callSite(caller.programCounter, in: space) == .direct(start &+ location.bias)
        {
            frame = caller
            return .caller(.isReturnAddress)
        }
        let byFramePointer = UnwindRule(.framePointer, offset: 16, framePointerSlot: -2)
        return leave(&frame, by: byFramePointer) == nil ? .caller(.isReturnAddress) : .end(.schedulerRoot)
    }
}

import Primitives

/// Leaving frames of code that was made at run time: no file has it, and nobody describes its frames.
extension StackWalk {
    /// The rule at `lookup`: where the instructions from there show the frame being set up or taken down, by them; else the
    /// frame pointer. Not in the loop over frames, which it would make large.
    @inline(never)
    func runtimeRule(of frame: FrameState, at lookup: UInt64, in space: borrowing AddressSpace) -> UnwindRule {
        let byFramePointer = UnwindRule(.uncheckedFramePointer, offset: 16, framePointerSlot: -2)
        let exact = frame.isReturn ? lookup &+ 1 : lookup
        guard let window = space.runtimeWindow(around: Address(exact)),
            let rule = CodePatterns.runtimeRule(
                machine: frame.registers.machine, window: window, isReturn: frame.isReturn)
        else {
            return byFramePointer
        }
        return UnwindRule(
            .runtimeFrame, offset: Int32(rule.offset), returnSlot: rule.returnSlot,
            framePointerSlot: rule.framePointerSlot)
    }

    /// Leaves a frame by what its instructions were when they were read: believed only while there is a call before the
    /// return address, since other code may be there by now.
    func leaveRuntimeFrame(_ frame: inout FrameState, by rule: UnwindRule, in space: borrowing AddressSpace) -> Step {
        var caller = frame
        let byStack = UnwindRule(
            .stackPointer, offset: Int32(rule.offset), returnSlot: rule.returnSlot,
            framePointerSlot: rule.framePointerSlot)
        if leave(&caller, by: byStack) == nil, callSite(caller.programCounter, in: space) != .none {
            frame = caller
            return .caller(.isReturnAddress)
        }
        return leaveByFramePointer(&frame, in: space)
    }

    /// Leaves a frame by the frame pointer.
    func leaveByFramePointer(_ frame: inout FrameState, in space: borrowing AddressSpace) -> Step {
        guard let link = frameLink(frame) else {
            return .end(
                frame.framePointer == 0 ? .root : missingLink(frame))
        }
        guard space.lookup(Address(link.returnAddress &- 1)) != nil else {
            return .end(link.returnAddress == 0 ? .root : .noUnwindInfo(Address(frame.programCounter)))
        }
        frame.leave(to: link.returnAddress, stackPointer: link.stackPointer, framePointer: link.framePointer)
        return .caller(.isReturnAddress)
    }
}

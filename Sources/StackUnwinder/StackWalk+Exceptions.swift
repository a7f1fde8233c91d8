import Primitives

/// Leaving the functions that unwind for an exception, as `_Unwind_RaiseException`.
///
/// When the frame that catches is found, such a function writes that frame's registers, and last its return address, over
/// those that it has saved of its own caller, and then "returns" (libgcc's unwind-dw2.c: `uw_install_context_1`, unwind.inc).
/// From then on the unwind rows lead to the catching frame with the stack pointer of the caller that there was, and before
/// the return address is written, to that caller with a wrong frame pointer. What is right is in two records of the
/// unwinder's own: one of its caller as it was, and one of the frame that catches. That may have been interrupted by a signal whose
/// handler has thrown (`-fnon-call-exceptions`); then it goes on at no return address, and its registers are in the signal's
/// context.
extension StackWalk {
    /// Leaves a function such as `_Unwind_RaiseException`.
    mutating func leaveExceptionUnwinder(
        _ frame: inout FrameState, _ lookup: UInt64, by rule: UnwindRule, in space: borrowing AddressSpace
    ) -> Step {
        let start = frame.stackPointer & ~7
        if rule.kind == .exceptionUnwinderByFrame, !tracksAllRegisters {
            let byFrame = UnwindRule(
                .framePointer, offset: Int32(rule.offset), returnSlot: rule.returnSlot,
                framePointerSlot: rule.framePointerSlot)
            if let end = leave(&frame, by: byFrame) { return .end(end) }
        } else {
            let step = leaveGenerally(&frame, lookup, in: space)
            guard case .caller = step else { return step }
        }
        // In its last instructions, behind which the landing pad is next.
        if rule.kind == .exceptionUnwinder, rule.offset == 1 {
            frame.isReturn = false
            return .caller([])
        }
        // Elsewhere than on x86_64 the records are other ones.
        guard layout.linkRegister == nil, let own = context(of: frame.stackPointer, from: start),
            let catching = catchingContext(from: start, own: own)
        else { return .caller(.isReturnAddress) }
        let isReplaced = frame.programCounter != own.codeAddress
        if isReplaced, catching.stackPointer == frame.stackPointer {
            // Its caller is also what catches, and the return address is the landing pad.
            guard frame.programCounter == catching.codeAddress else { return .caller(.isReturnAddress) }
            frame.isReturn = false
            return .caller([])
        }
        guard catching.stackPointer > frame.stackPointer else { return .caller(.isReturnAddress) }
        // At last the landing pad is written where the catching frame's own return address was.
        let isRight =
            isReplaced
            ? catching.returnAddress == frame.programCounter || catching.returnAddress == catching.codeAddress
            : losesFramePointer(frame, to: catching, own, in: space)
        let returnAddress = isReplaced ? frame.programCounter : catching.returnAddress
        // Before the records are made, there may be others of an earlier exception.
        guard isRight, isInFunction(catching, returnAddress, in: space),
            let framePointer = catching.value(of: layout.framePointer)
        else { return .caller(.isReturnAddress) }
        let isReturn = !catching.isInterrupted
        if tracksAllRegisters {
            var registers = frame.allRegisters(layout)
            for register in 0..<layout.count where layout.calleeSaved & (1 << UInt64(register)) != 0 {
                registers[register] = catching.value(of: register)
            }
            registers[layout.programCounter] = returnAddress
            registers[layout.stackPointer] = catching.stackPointer
            frame.leave(to: registers, layout: layout, isReturn: isReturn)
        } else {
            frame.leave(to: returnAddress, stackPointer: catching.stackPointer, framePointer: framePointer)
            frame.isReturn = isReturn
        }
        return .caller(isReturn ? .isReturnAddress : [])
    }

    /// The record of the unwinder's caller, which has `stackPointer`.
    private func context(of stackPointer: UInt64, from start: UInt64) -> ExceptionContext? {
        for address in stride(from: start, to: stackPointer, by: 8)
        where memory.word(at: address &+ UInt64(layout.programCounter) &* 8) == stackPointer &- 8 {
            if let context = ExceptionContext(at: address, in: memory, layout: layout),
                context.stackPointer == stackPointer
            {
                return context
            }
        }
        return nil
    }

    /// The unwinder's other record, which goes from frame to frame until one catches. GCC puts it right behind the first.
    private func catchingContext(from start: UInt64, own: ExceptionContext) -> ExceptionContext? {
        let next = own.address &+ min(ExceptionContext.byteCount, own.stackPointer &- own.address)
        return context(in: next..<own.stackPointer, own) ?? context(in: start..<next, own)
    }

    private func context(in range: Range<UInt64>, _ own: ExceptionContext) -> ExceptionContext? {
        for address in stride(from: range.lowerBound, to: range.upperBound, by: 8) where address != own.address {
            if let context = ExceptionContext(at: address, in: memory, layout: layout),
                context.stackPointer >= own.stackPointer
            {
                return context
            }
        }
        return nil
    }

    /// Whether the frame pointer is already that of the catching frame, and one of the frames up to that needs its own.
    private mutating func losesFramePointer(
        _ frame: FrameState, to catching: ExceptionContext, _ own: ExceptionContext, in space: borrowing AddressSpace
    ) -> Bool {
        guard own.slot(of: layout.framePointer) != catching.slot(of: layout.framePointer),
            frame.framePointer == catching.value(of: layout.framePointer)
        else { return false }
        var caller = frame
        while caller.stackPointer < catching.stackPointer {
            scanBudget -= 1
            guard scanBudget >= 0 else { return true }
            let lookup = caller.isReturn ? caller.programCounter &- 1 : caller.programCounter
            guard let location = CodeLocation(lookup, in: space, modules: modules),
                let rule = location.module?.tableRule(at: location.address)
            else { return false }
            switch rule.kind {
            case .stackPointer:
                guard leave(&caller, by: rule) == nil else { return true }
                if rule.framePointerSlot != UnwindRule.unchanged { return false }
            case .framePointer, .exceptionUnwinderByFrame:
                let end = caller.framePointer &+ UInt64(bitPattern: rule.offset)
                return end <= caller.stackPointer || end > catching.stackPointer
            case .general, .exceptionUnwinder:
                switch leaveGenerally(&caller, lookup, in: space) {
                case .caller: return caller.stackPointer > catching.stackPointer
                case .end: return true
                case .needsAllRegisters: return false
                }
            default:
                return false
            }
        }
        return false
    }

    /// Whether a call of the function that the record names returns to `address`, or it was interrupted there.
    private func isInFunction(_ context: ExceptionContext, _ address: UInt64, in space: borrowing AddressSpace) -> Bool
    {
        let lookup = context.isInterrupted ? address : address &- 1
        guard let location = CodeLocation(lookup, in: space, modules: modules),
            let start = location.module?.describedStart(of: location.address)
        else { return false }
        return context.function == start &+ location.bias
    }
}

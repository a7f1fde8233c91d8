import Primitives

/// Leaving the functions that unwind for an exception.
///
/// Before such a function "returns" to the frame that catches, it writes that frame's registers, and last its return
/// address, over those that it has saved of its caller (libgcc's unwind-dw2.c: `uw_install_context_1`). From then on the
/// unwind rows lead to the catching frame with the stack pointer, and for a moment the code, of the caller that there
/// was. The right ones are in the unwinder's own records, one of the caller as it was and one of the frame that catches:
/// `struct _Unwind_Context` has the places of 18 registers, then the stack pointer (`cfa`), then an address in the code
/// (`ra`).
extension StackWalk {
    /// Leaves a function such as `_Unwind_RaiseException`.
    mutating func leaveExceptionUnwinder(
        _ frame: inout FrameState, _ lookup: UInt64, by rule: UnwindRule, in space: borrowing AddressSpace
    ) -> Step {
        let start = frame.stackPointer & ~7
        let step: Step
        if rule.kind == .exceptionUnwinderByFrame, !tracksAllRegisters {
            let byFrame = UnwindRule(
                .framePointer, offset: Int32(rule.offset), returnSlot: rule.returnSlot,
                framePointerSlot: rule.framePointerSlot)
            if let end = leave(&frame, by: byFrame) { return .end(end) }
            step = .caller(.isReturnAddress)
        } else {
            step = leaveGenerally(&frame, lookup, in: space)
        }
        guard case .caller = step else { return step }
        // In its last instructions, behind which the landing pad is next.
        if rule.kind == .exceptionUnwinder, rule.offset == 1 {
            frame.isReturn = false
            return .caller([])
        }
        // What puts them in place calls nothing. And elsewhere than on x86_64 the registers are other ones.
        guard frameCount <= 2, layout.linkRegister == nil else { return step }
        let kind = tableRule(of: frame, in: space)?.kind
        switch kind {
        case .stackPointer where isReplaced(frame, recordsFrom: start):
            guard let record = catchingRecord(for: frame, recordsFrom: start, in: space),
                // A record of an earlier exception may still lie there, and a landing pad may be where the unwinder was
                // called from: then the stack has the last word.
                record.landingPad != frame.programCounter || !leadsToCall(frame, in: space),
                // Just before the jump, the landing pad stands in the place of the return address that was copied.
                record.returnAddress == frame.programCounter || record.returnAddress == record.landingPad
            else { return step }
            frame.moveStackPointer(to: record.stackPointer, layout: layout)
        case .framePointer, .exceptionUnwinderByFrame:
            guard let record = catchingRecord(for: frame, recordsFrom: start, in: space),
                record.framePointer == frame.framePointer
            else { return step }
            guard !isReplaced(frame, recordsFrom: start) else { return step }
            // Where one unwinder has called another, for an exception thrown again, the record is often an earlier one.
            guard kind == .framePointer else { return .caller([.isReturnAddress, .guessed]) }
            // Its registers are in place, its return address is not: what the stack says of its caller is lost. Unless the
            // record is one of an earlier exception, which nothing tells.
            frame.leave(to: record.landingPad, stackPointer: record.stackPointer, framePointer: frame.framePointer)
            frame.isReturn = false
            return .caller(.guessed)
        default: break
        }
        return step
    }

    private struct CatchingRecord {
        var stackPointer: UInt64
        var landingPad: UInt64
        var framePointer: UInt64?
        var returnAddress: UInt64?
    }

    /// Whether the record of the unwinder's caller states another return address than the stack does.
    private func isReplaced(_ frame: FrameState, recordsFrom start: UInt64) -> Bool {
        var isRecorded = false
        for address in stride(from: start, to: frame.stackPointer, by: 8)
        where memory.word(at: address) == frame.stackPointer {
            guard let returnAddress = memory.word(at: address &+ 8) else { break }
            if returnAddress == frame.programCounter { return false }
            if returnAddress > 4_096 { isRecorded = true }
        }
        return isRecorded
    }

    /// The record of the frame that catches: one whose stack pointer is further out, and leads to a caller.
    private func catchingRecord(
        for frame: FrameState, recordsFrom start: UInt64, in space: borrowing AddressSpace
    ) -> CatchingRecord? {
        for address in stride(from: start, to: frame.stackPointer, by: 8) {
            guard let first = memory.word(at: address), let second = memory.word(at: address &+ 8) else { break }
            guard first & 7 == 0, first > frame.stackPointer, first &- memory.start < memory.count,
                let landing = CodeLocation(second, in: space, modules: modules),
                let rule = landing.module?.tableRule(at: landing.address)
            else { continue }
            func saved(_ register: Int) -> UInt64? {
                memory.word(at: address &- UInt64(18 - register) * 8).flatMap { memory.word(at: $0) }
            }
            let record = CatchingRecord(
                stackPointer: first, landingPad: second, framePointer: saved(layout.framePointer),
                returnAddress: saved(layout.programCounter))
            var caller = frame
            caller.leave(to: second, stackPointer: first, framePointer: frame.framePointer)
            switch rule.kind {
            case .stackPointer, .framePointer:
                if leave(&caller, by: rule) == nil, callSite(caller.programCounter, in: space) != .none {
                    return record
                }
            default: return record
            }
        }
        return nil
    }

    /// Whether the frame, as it is, has a caller by a return address that lies behind a call.
    private func leadsToCall(_ frame: FrameState, in space: borrowing AddressSpace) -> Bool {
        guard let rule = tableRule(of: frame, in: space) else { return false }
        var caller = frame
        return leave(&caller, by: rule) == nil && callSite(caller.programCounter, in: space) != .none
    }

    private func tableRule(of frame: FrameState, in space: borrowing AddressSpace) -> UnwindRule? {
        guard let location = CodeLocation(frame.programCounter &- 1, in: space, modules: modules) else { return nil }
        return location.module?.tableRule(at: location.address)
    }
}

import Primitives

/// Leaving frames of code that has no unwind information.
extension StackWalk {
    /// How many words above the stack pointer may hold the return address of a frame that is searched for.
    private static let scanLimit = 2_048
    /// The same, where the function itself is known from nothing but its call.
    private static let calledFunctionWords = 32

    /// Code of a file: what the frame pointer gives must lie behind a call, and if that does not prove it, the stack is
    /// searched for a return address whose call leads to the very function that the frame is of.
    mutating func leaveWithoutInformation(
        _ frame: inout FrameState, _ lookup: UInt64, in space: borrowing AddressSpace
    ) -> Step {
        guard let location = CodeLocation(lookup, in: space, modules: modules), let module = location.module else {
            return .end(.noUnwindInfo(Address(frame.programCounter)))
        }
        if !frame.isReturn, frame.registersAreCurrent, frame.registers[layout.resultRegister] == 0,
            module.isBeforeThreadStart(location.address)
        {
            return .end(.root)
        }
        let start = module.functionStart(around: location.address)
        if start == nil, leaveByCalledFunction(&frame, location, module, in: space) {
            return .caller(.isReturnAddress)
        }
        let target = start.map { $0 &+ location.bias }
        // A leaf that has not built a frame, or never does.
        if !frame.isReturn, let target, let word = memory.word(at: frame.stackPointer),
            callSite(word, in: space) == .direct(target)
        {
            frame.leave(to: word, stackPointer: frame.stackPointer &+ 8, framePointer: frame.framePointer)
            return .caller(.isReturnAddress)
        }
        // The layout as the code from the function's start to here tells it, if a call confirms it.
        let here = frame.isReturn ? location.address &+ 1 : location.address
        if start != location.address, let rule = module.analyzedRule(at: here) {
            var caller = frame
            if leave(&caller, by: rule) == nil, callSite(caller.programCounter, in: space) != .none {
                frame = caller
                return .caller(.isReturnAddress)
            }
        }
        let keepsFramePointer = start.map { module.buildsFrame(at: $0) } ?? false
        var candidate: FrameLink?
        if let link = frameLink(frame) {
            switch callSite(link.returnAddress, in: space) {
            case .direct(let called) where called == target:
                return accept(link, &frame, guessed: false)
            case .direct, .indirect, .unknown:
                if keepsFramePointer { return accept(link, &frame, guessed: false) }
                candidate = link
            case .none:
                // Go plants the address of runtime.goexit as if it had called.
                if isRoot(link.returnAddress, in: space) { return accept(link, &frame, guessed: false) }
            }
        } else if keepsFramePointer {
            if frame.framePointer == 0 { return .end(.root) }
            if frame.framePointer >= memory.start, !isInCopy(frame.framePointer &+ 8) {
                return .end(unreadable(frame.framePointer &+ 8, frame))
            }
        }
        // Of two guesses the nearer one leaves out fewer frames.
        if let target, let found = scan(frame, for: target, in: space),
            found.stackPointer < candidate?.stackPointer ?? .max
        {
            return accept(found, &frame, guessed: true)
        }
        if let candidate { return accept(candidate, &frame, guessed: true) }
        return .end(unknown(frame, in: module))
    }

    /// Code between functions that are known: a call on the stack tells where its function begins, and the code from
    /// there to here that just this word is the return address.
    private func leaveByCalledFunction(
        _ frame: inout FrameState, _ location: CodeLocation, _ module: UnwindModule, in space: borrowing AddressSpace
    ) -> Bool {
        let here = frame.isReturn ? location.address &+ 1 : location.address
        for index in 0..<Self.calledFunctionWords {
            let slot = frame.stackPointer &+ UInt64(index) * 8
            guard let word = memory.word(at: slot) else { return false }
            guard case .direct(let called) = callSite(word, in: space), called &- location.bias <= here,
                let rule = module.analyzedRule(at: here, from: called &- location.bias),
                rule.kind == .stackPointer, rule.offset == Int64(index + 1) * 8
            else { continue }
            return leave(&frame, by: rule) == nil
        }
        return false
    }

    struct FrameLink {
        var returnAddress: UInt64
        var stackPointer: UInt64
        var framePointer: UInt64
    }

    private func accept(_ link: FrameLink, _ frame: inout FrameState, guessed: Bool) -> Step {
        frame.leave(to: link.returnAddress, stackPointer: link.stackPointer, framePointer: link.framePointer)
        return .caller(guessed ? [.isReturnAddress, .guessed] : .isReturnAddress)
    }

    private func isInCopy(_ address: UInt64) -> Bool { memory.word(at: address) != nil }

    func missingLink(_ frame: FrameState) -> StackEnd {
        let pointer = frame.framePointer
        if pointer >= frame.stackPointer, pointer & 7 == 0, pointer &- memory.start < 1 << 24, !isInCopy(pointer &+ 8) {
            return unreadable(pointer &+ 8, frame)
        }
        return .noUnwindInfo(Address(frame.programCounter))
    }

    /// What the frame pointer points to: the caller's frame pointer and the return address.
    func frameLink(_ frame: FrameState) -> FrameLink? {
        let pointer = frame.framePointer
        guard pointer & 7 == 0, pointer >= frame.stackPointer, let saved = memory.word(at: pointer),
            let returnAddress = memory.word(at: pointer &+ 8)
        else { return nil }
        return FrameLink(
            returnAddress: returnAddress & layout.addressMask, stackPointer: pointer &+ 16,
            framePointer: saved & layout.framePointerMask)
    }

    /// Whether the frame that `link` leads to has itself a caller that called it: stale words seldom do.
    private func isConsistent(_ link: FrameLink, in space: borrowing AddressSpace) -> Bool {
        guard let location = CodeLocation(link.returnAddress &- 1, in: space, modules: modules),
            let module = location.module
        else { return false }
        let rule = module.rule(at: location.address, isReturn: true)
        switch rule.kind {
        case .root, .schedulerRoot: return true
        case .stackPointer:
            let cfa = link.stackPointer &+ UInt64(bitPattern: rule.offset)
            guard let word = memory.word(at: cfa &- 8) else { return false }
            let start = module.functionStart(around: location.address).map { $0 &+ location.bias }
            switch callSite(word & layout.addressMask, in: space) {
            case .direct(let called): return called == start
            case .indirect: return true
            case .none, .unknown: return false
            }
        default: return false
        }
    }

    /// The nearest return address on the stack whose call leads to `target`, or which called through a pointer and lies
    /// in a frame with a proved caller.
    private mutating func scan(_ frame: FrameState, for target: UInt64, in space: borrowing AddressSpace) -> FrameLink?
    {
        var address = frame.stackPointer
        guard address & 7 == 0 else { return nil }
        for _ in 0..<Self.scanLimit {
            scanBudget -= 1
            guard scanBudget >= 0 else { return nil }
            guard let raw = memory.word(at: address) else { return nil }
            let word = raw & layout.addressMask
            let link = FrameLink(
                returnAddress: word, stackPointer: address &+ 8, framePointer: frame.framePointer)
            switch callSite(word, in: space) {
            case .direct(let called):
                if called == target { return link }
            case .indirect:
                if isConsistent(link, in: space) { return link }
            case .none, .unknown:
                break
            }
            address &+= 8
        }
        return nil
    }

    /// The call before `returnAddress`, its target as an address of the process.
    func callSite(_ returnAddress: UInt64, in space: borrowing AddressSpace) -> CallSite {
        guard returnAddress > 4_096,
            let location = CodeLocation(returnAddress &- 1, in: space, modules: modules)
        else { return .none }
        guard let module = location.module else { return .unknown }
        let site = module.callSite(returningTo: location.address &+ 1)
        guard case .direct(let called) = site else { return site }
        // Through a linkage table the call leads anywhere.
        if module.isLinkageStub(at: called) { return .indirect }
        return .direct(called &+ location.bias)
    }

    func isRoot(_ address: UInt64, in space: borrowing AddressSpace) -> Bool {
        guard let location = CodeLocation(address, in: space, modules: modules), let module = location.module else {
            return false
        }
        return module.rule(at: location.address, isReturn: true).kind == .root
    }
}

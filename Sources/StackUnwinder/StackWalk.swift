import Primitives

/// One walk over one stack.
struct StackWalk {
    let layout: RegisterLayout
    let memory: StackMemory
    let modules: ModuleTable
    /// Names the process and the state of its mappings in the cache.
    let spaceKey: UInt64
    let isWholeStack: Bool
    /// Carry all registers from frame to frame and not just three: slow, and rarely needed.
    var tracksAllRegisters = false
    /// A frame was found by guessing.
    private(set) var hasGuessed = false

    /// Evaluations of full rows that one sample may cost.
    private var generalBudget = 2_048
    /// Words that searching for return addresses may look at in one sample.
    var scanBudget = 32_768

    init(layout: RegisterLayout, memory: StackMemory, modules: ModuleTable, spaceKey: UInt64, isWholeStack: Bool) {
        self.layout = layout
        self.memory = memory
        self.modules = modules
        self.spaceKey = spaceKey
        self.isWholeStack = isWholeStack
    }

    /// What one step led to.
    enum Step {
        case caller(FrameFlags)
        case end(StackEnd)
        /// Unknown registers are needed: the walk must start again with all.
        case needsAllRegisters
    }

    /// Walks from `registers` to the end; nil when that needs `tracksAllRegisters`.
    mutating func run(
        _ registers: RegisterSet, in space: borrowing AddressSpace, cache: borrowing RuleCache,
        into frames: inout FrameBuffer
    ) -> StackEnd? {
        guard let programCounter = registers[layout.programCounter], let stackPointer = registers[layout.stackPointer]
        else { return .badFrame(Address(0)) }
        var frame = FrameState(
            registers, programCounter: programCounter, stackPointer: stackPointer, layout: layout)
        guard frames.append(frame.programCounter, []) else { return .frameLimit }
        hasGuessed = false
        generalBudget = 2_048
        scanBudget = 32_768
        while true {
            let lookup = frame.isReturn ? frame.programCounter &- 1 : frame.programCounter
            var rule = UnwindRule.none
            if let known = cache.rule(for: lookup, space: spaceKey) {
                rule = known
            } else {
                guard let location = CodeLocation(lookup, in: space, modules: modules) else {
                    return .noMapping(Address(frame.programCounter))
                }
                if let module = location.module {
                    rule = module.rule(at: location.address, isReturn: frame.isReturn)
                } else if location.kind == .silentFile {
                    rule = UnwindRule(.silentFile)
                } else {
                    rule = runtimeRule(of: frame, at: lookup, in: space)
                }
                cache.insert(rule, for: lookup, space: spaceKey)
            }
            let step: Step
            if !tracksAllRegisters {
                if rule.isShort {
                    // The way of nearly all frames.
                    if let end = leave(&frame, by: rule) { return end }
                    step = .caller(.isReturnAddress)
                } else {
                    step = leaveSlowly(&frame, lookup, by: rule, in: space)
                }
            } else {
                step = leaveWithAllRegisters(&frame, lookup, by: rule, in: space)
            }
            switch step {
            case .caller(let flags):
                // No return address: a stack that was made by hand begins here.
                if frame.programCounter == 0 { return .root }
                guard frames.append(frame.programCounter, flags) else { return .frameLimit }
                if flags.contains(.guessed) { hasGuessed = true }
            case .end(let end):
                return end
            case .needsAllRegisters:
                return nil
            }
        }
    }

    /// Leaves `frame` by a rule of the short form; the end when that is impossible.
    @inline(__always)
    func leave(_ frame: inout FrameState, by rule: UnwindRule) -> StackEnd? {
        let base = rule.isByFramePointer ? frame.framePointer : frame.stackPointer
        let cfa = base &+ UInt64(bitPattern: rule.offset)
        let returnAddress: UInt64
        if rule.returnSlot != UnwindRule.unchanged {
            guard cfa > frame.stackPointer else { return .badFrame(Address(frame.programCounter)) }
            let slot = cfa &+ UInt64(bitPattern: Int64(rule.returnSlot) &* 8)
            guard let word = memory.word(at: slot) else { return unreadable(slot, frame) }
            returnAddress = word & layout.addressMask
        } else {
            // In the link register, which only an interrupted frame still has.
            guard let link = layout.linkRegister, frame.registersAreCurrent, let word = frame.registers[link],
                cfa >= frame.stackPointer
            else { return .badFrame(Address(frame.programCounter)) }
            returnAddress = word & layout.addressMask
        }
        var framePointer = frame.framePointer
        if rule.framePointerSlot != UnwindRule.unchanged {
            let slot = cfa &+ UInt64(bitPattern: Int64(rule.framePointerSlot) &* 8)
            // GCC goes on describing the slot after the pop that frees it: below the stack pointer, it is back already.
            if slot >= frame.stackPointer {
                guard let word = memory.word(at: slot) else { return unreadable(slot, frame) }
                framePointer = word & layout.framePointerMask
            }
        }
        frame.leave(to: returnAddress, stackPointer: cfa, framePointer: framePointer)
        return nil
    }

    /// Leaves `frame` by any rule, with the registers that are at hand.
    @inline(never)
    private mutating func leaveSlowly(
        _ frame: inout FrameState, _ lookup: UInt64, by rule: UnwindRule, in space: borrowing AddressSpace
    ) -> Step {
        switch rule.kind {
        case .stackPointer, .framePointer:
            if let end = leave(&frame, by: rule) { return .end(end) }
            return .caller(.isReturnAddress)
        case .plt:
            let isPushed = Int64(frame.programCounter & 15) >= rule.offset
            if let end = leave(&frame, by: UnwindRule(.stackPointer, offset: isPushed ? 16 : 8)) { return .end(end) }
            return .caller(.isReturnAddress)
        case .root:
            return .end(.root)
        case .schedulerRoot:
            return .end(.schedulerRoot)
        case .none:
            return .end(.noUnwindInfo(Address(frame.programCounter)))
        case .silentFile:
            return .end(.silentFile(Address(frame.programCounter)))
        case .general:
            return leaveGenerally(&frame, lookup, in: space)
        case .signalTrampoline:
            return leaveSignalHandler(&frame)
        case .checkedFramePointer:
            return leaveWithoutInformation(&frame, lookup, in: space)
        case .uncheckedFramePointer:
            return leaveByFramePointer(&frame, in: space)
        case .goStackSwitch:
            return leaveStackSwitch(&frame, lookup, depth: Int32(rule.offset), in: space)
        case .runtimeFrame:
            return leaveRuntimeFrame(&frame, by: rule, in: space)
        case .exceptionUnwinder, .exceptionUnwinderByFrame:
            return leaveExceptionUnwinder(&frame, lookup, by: rule, in: space)
        }
    }

    private mutating func leaveWithAllRegisters(
        _ frame: inout FrameState, _ lookup: UInt64, by rule: UnwindRule, in space: borrowing AddressSpace
    ) -> Step {
        switch rule.kind {
        case .stackPointer, .framePointer, .plt:
            // Without CFI (a rule from a code pattern) the short form is all there is.
            guard let location = CodeLocation(lookup, in: space, modules: modules),
                location.module?.tableRule(at: location.address) == rule
            else { break }
            return leaveGenerally(&frame, lookup, in: space)
        default:
            break
        }
        let callee = frame.allRegisters(layout)
        let step = leaveSlowly(&frame, lookup, by: rule, in: space)
        if !frame.registersAreCurrent { frame.carryRegisters(from: callee, layout: layout) }
        return step
    }

    mutating func leaveGenerally(
        _ frame: inout FrameState, _ lookup: UInt64, in space: borrowing AddressSpace
    ) -> Step {
        generalBudget -= 1
        guard generalBudget >= 0, let location = CodeLocation(lookup, in: space, modules: modules),
            let module = location.module
        else { return .end(.noUnwindInfo(Address(frame.programCounter))) }
        guard let found = module.row(at: location.address) else { return .end(unknown(frame, in: module)) }
        do throws(EvaluationError) {
            let result = try GeneralStep.leave(
                frame.allRegisters(layout), by: found.row, common: found.common, section: found.section,
                bias: location.bias, memory: memory, layout: layout)
            if result.isRoot { return .end(.root) }
            return enter(result.registers, &frame, isSignalFrame: result.isSignalFrame)
        } catch {
            switch error {
            case .unknownRegister:
                // With all registers tracked it is lost for good.
                return tracksAllRegisters
                    ? .end(.noUnwindInfo(Address(frame.programCounter))) : .needsAllRegisters
            case .unreadable(let address):
                if address < frame.stackPointer, found.row.cfaIsExpression,
                    let step = leaveByKeptAddress(&frame, location, found.row, found.common, found.section, in: space)
                {
                    return step
                }
                return .end(unreadable(address, frame))
            case .invalid:
                return .end(.badFrame(Address(frame.programCounter)))
            }
        }
    }

    /// Why nothing is known of how to leave `frame`, whose code is in `module`.
    func unknown(_ frame: FrameState, in module: UnwindModule) -> StackEnd {
        let counter = Address(frame.programCounter)
        return module.isSilent ? .silentFile(counter) : .noUnwindInfo(counter)
    }

    /// Leaves the trampoline behind a signal handler by the context that the kernel put on the stack.
    private func leaveSignalHandler(_ frame: inout FrameState) -> Step {
        var registers = RegisterSet(machine: frame.registers.machine)
        for (number, offset) in SignalContext.offsets(for: registers.machine) {
            guard let word = memory.word(at: frame.stackPointer &+ offset) else {
                return .end(unreadable(frame.stackPointer &+ offset, frame))
            }
            registers[number] = word
        }
        return enter(registers, &frame, isSignalFrame: true)
    }

    /// Makes `registers` the frame, if the stack pointer goes where it can.
    func enter(_ registers: RegisterSet, _ frame: inout FrameState, isSignalFrame: Bool) -> Step {
        let old = frame.stackPointer
        guard let stackPointer = registers[layout.stackPointer] else {
            return .end(.badFrame(Address(frame.programCounter)))
        }
        if isSignalFrame {
            // The handler may run on a stack of its own.
            guard stackPointer >= memory.start, stackPointer &- memory.start <= memory.count else {
                return .end(.stackSwitch(Address(frame.programCounter)))
            }
        } else if stackPointer < old || (stackPointer == old && frame.isReturn) {
            return .end(.badFrame(Address(frame.programCounter)))
        }
        frame.leave(to: registers, layout: layout, isReturn: !isSignalFrame)
        return .caller(isSignalFrame ? [] : .isReturnAddress)
    }

    /// Why the word at `address` cannot be read.
    func unreadable(_ address: UInt64, _ frame: FrameState) -> StackEnd {
        let distance = address &- memory.start
        // The kernel's copy also ends at a page that was never touched, which only a frame larger than a page can contain.
        let isUntouched = (4_096..<1 << 23).contains(address &- frame.stackPointer)
        // Larger stacks than this would be a rule gone wrong.
        guard !isWholeStack || isUntouched, address >= memory.start, distance < 1 << 32 else {
            return .badFrame(Address(frame.programCounter))
        }
        return .truncated(neededBytes: Int(distance) + 8)
    }
}

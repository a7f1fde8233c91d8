/// Leaves a frame by its full row: any register, any expression. The way for the few frames that no eight-byte rule
/// describes, and for all frames of a stack that needs more than three registers somewhere.
enum GeneralStep {
    /// The caller's registers.
    struct Result {
        var registers: RegisterSet
        /// The caller was interrupted and did not call.
        var isSignalFrame: Bool
        /// The return address is undefined: this was the outermost frame.
        var isRoot: Bool
    }

    /// The caller's registers by `row`, given those of the frame; with `knownCfa` for what the row says of the CFA.
    static func leave(
        _ registers: RegisterSet, by row: CfiRow, common: CommonInformation, section: CfiSection, bias: UInt64,
        memory: StackMemory, layout: RegisterLayout, knownCfa: UInt64? = nil
    ) throws(EvaluationError) -> Result {
        let evaluator = ExpressionEvaluator(registers: registers, memory: memory, bias: bias)
        guard common.returnRegister < layout.count else { throw .invalid }
        var result = Result(registers: registers, isSignalFrame: common.isSignalFrame, isRoot: false)
        if row.registers[common.returnRegister].kind == .undefined {
            result.isRoot = true
            return result
        }
        let cfa: UInt64
        if let knownCfa {
            cfa = knownCfa
        } else {
            cfa = try canonicalAddress(row, registers: registers, section: section, evaluator: evaluator)
        }
        result.registers.keep(only: common.isSignalFrame ? ~0 : layout.calleeSaved)
        result.registers[layout.programCounter] = nil
        for number in 0..<layout.count {
            let rule = row.registers[number]
            let isReturn = number == common.returnRegister
            do throws(EvaluationError) {
                guard
                    let value = try value(
                        of: rule, number: number, cfa: cfa, registers: registers, section: section,
                        evaluator: evaluator, stackPointer: isReturn ? 0 : registers[layout.stackPointer] ?? 0)
                else { continue }
                result.registers[number] = value
            } catch {
                // Others may be unknown until somebody asks for them.
                if isReturn { throw error }
                result.registers[number] = nil
            }
            if rule.kind == .undefined { result.registers[number] = nil }
        }
        // The CFA is by definition the stack pointer in the caller (psABI), unless the row says otherwise.
        let stackRule = row.registers[layout.stackPointer].kind
        if stackRule == .unspecified || stackRule == .sameValue { result.registers[layout.stackPointer] = cfa }
        let returnRule = row.registers[common.returnRegister].kind
        let returnAddress: UInt64?
        if returnRule == .unspecified || returnRule == .sameValue {
            guard common.returnRegister == layout.linkRegister else { throw .invalid }
            returnAddress = registers[common.returnRegister]
        } else {
            returnAddress = result.registers[common.returnRegister]
        }
        guard let returnAddress else { throw .unknownRegister(common.returnRegister) }
        result.registers[layout.programCounter] = returnAddress & layout.addressMask
        if let framePointer = result.registers[layout.framePointer] {
            result.registers[layout.framePointer] = framePointer & layout.framePointerMask
        }
        return result
    }

    private static func canonicalAddress(
        _ row: CfiRow, registers: RegisterSet, section: CfiSection, evaluator: ExpressionEvaluator
    ) throws(EvaluationError) -> UInt64 {
        switch row.cfa.kind {
        case .valueExpression:
            return try evaluator.evaluate(row.cfa.expressionRange, of: section, initial: nil)
        case .offset:
            guard let base = registers[row.cfaRegister] else { throw .unknownRegister(row.cfaRegister) }
            return base &+ UInt64(bitPattern: row.cfa.value)
        default:
            throw .invalid
        }
    }

    /// The value by one rule; nil when the rule leaves the register as it is.
    private static func value(
        of rule: RegisterRule, number: Int, cfa: UInt64, registers: RegisterSet, section: CfiSection,
        evaluator: ExpressionEvaluator, stackPointer: UInt64
    ) throws(EvaluationError) -> UInt64? {
        switch rule.kind {
        case .unspecified, .undefined, .sameValue:
            return nil
        case .offset:
            let address = cfa &+ UInt64(bitPattern: rule.value)
            // GCC goes on describing a slot after the pop that frees it: below the stack pointer, the register is
            // back already.
            if address < stackPointer, stackPointer &- address < 1 << 20 { return registers[number] }
            guard let word = evaluator.memory.word(at: address) else { throw .unreadable(address) }
            return word
        case .valueOffset:
            return cfa &+ UInt64(bitPattern: rule.value)
        case .register:
            guard let source = Int(exactly: rule.value), let value = registers[source] else {
                throw .unknownRegister(Int(truncatingIfNeeded: rule.value))
            }
            return value
        case .expression:
            let address = try evaluator.evaluate(rule.expressionRange, of: section, initial: cfa)
            guard let word = evaluator.memory.word(at: address) else { throw .unreadable(address) }
            return word
        case .valueExpression:
            return try evaluator.evaluate(rule.expressionRange, of: section, initial: cfa)
        }
    }
}

/// Turns rows into eight-byte rules.
struct RuleCompiler {
    let layout: RegisterLayout
    let section: CfiSection

    func rule(for row: borrowing CfiRow, common: CommonInformation) -> UnwindRule {
        let rule = shortRule(for: row, common: common)
        // Only functions that call `__builtin_eh_return` say where the two registers that it hands on are saved.
        guard row.registers[layout.exceptionRegisters.0].kind == .offset,
            row.registers[layout.exceptionRegisters.1].kind == .offset, rule.kind != .root
        else { return rule }
        if rule.kind == .framePointer {
            return UnwindRule(
                .exceptionUnwinderByFrame, offset: Int32(rule.offset), returnSlot: rule.returnSlot,
                framePointerSlot: rule.framePointerSlot)
        }
        // With the frame pointer back in place, only the jump to the landing pad is left.
        let isResuming = row.registers[layout.framePointer].kind != .offset
        return UnwindRule(.exceptionUnwinder, offset: isResuming ? 1 : 0)
    }

    private func shortRule(for row: borrowing CfiRow, common: CommonInformation) -> UnwindRule {
        // A signal frame's registers all come from memory, and its caller is marked: not for the short form.
        if common.isSignalFrame { return .general }
        let returnRegister = common.returnRegister
        guard returnRegister < layout.count else { return .none }
        let returnRule = row.registers[returnRegister]
        if returnRule.kind == .undefined { return UnwindRule(.root) }
        let returnSlot: Int16
        switch returnRule.kind {
        case .offset:
            guard let slot = Self.slot(returnRule.value) else { return .general }
            returnSlot = slot
        case .unspecified, .sameValue:
            // Still in the link register. On x86_64 the CIE always says where the return address is.
            guard layout.linkRegister == returnRegister else { return .general }
            returnSlot = UnwindRule.unchanged
        default:
            return .general
        }
        let frameRule = row.registers[layout.framePointer]
        let frameSlot: Int16
        switch frameRule.kind {
        case .unspecified, .sameValue: frameSlot = UnwindRule.unchanged
        case .offset:
            guard let slot = Self.slot(frameRule.value) else { return .general }
            frameSlot = slot
        default: return .general
        }
        if row.cfaIsExpression {
            guard returnSlot == -1, frameSlot == UnwindRule.unchanged, let split = pltSplit(row.cfa) else {
                return .general
            }
            return UnwindRule(.plt, offset: split)
        }
        guard UnwindRule.offsets.contains(row.cfa.value) else { return .general }
        let kind: UnwindRule.Kind
        switch row.cfaRegister {
        case layout.stackPointer: kind = .stackPointer
        case layout.framePointer: kind = .framePointer
        default: return .general
        }
        // The stack pointer itself may be described otherwise than as the CFA: rare, but not in the short form.
        switch row.registers[layout.stackPointer].kind {
        case .unspecified, .sameValue: break
        case .valueOffset where row.registers[layout.stackPointer].value == 0: break
        default: return .general
        }
        return UnwindRule(
            kind, offset: Int32(row.cfa.value), returnSlot: returnSlot, framePointerSlot: frameSlot)
    }

    private static func slot(_ offset: Int64) -> Int16? {
        guard offset & 7 == 0, let slot = Int16(exactly: offset >> 3), slot != UnwindRule.unchanged else { return nil }
        return slot
    }

    /// The linkers' expression for PLT entries: `rsp + 8 + ((rip & 15) >= n) << 3`, n being 11, or 10 with IBT.
    private func pltSplit(_ rule: RegisterRule) -> Int32? {
        let range = rule.expressionRange
        guard range.count == 11, range.lowerBound >= 0, range.upperBound <= section.byteCount,
            layout.linkRegister == nil, (try? section.fill(range)) != nil
        else { return nil }
        let expected: InlineArray<11, UInt8> = [0x77, 0x08, 0x80, 0x00, 0x3f, 0x1a, 0, 0x2a, 0x33, 0x24, 0x22]
        for index in 0..<11 where index != 6 && section.byte(at: range.lowerBound + index) != expected[index] {
            return nil
        }
        let literal = section.byte(at: range.lowerBound + 6)
        guard literal >= 0x30, literal <= 0x3f else { return nil }
        return Int32(literal - 0x30)
    }
}

/// Where one register of the caller is (DWARF 5, section 6.4.1).
struct RegisterRule {
    enum Kind: UInt8 {
        /// No rule: unchanged for what a function must preserve, lost otherwise.
        case unspecified
        case undefined
        case sameValue
        /// Saved at CFA + value.
        case offset
        /// Is CFA + value.
        case valueOffset
        /// In the register numbered value.
        case register
        /// Saved at the address that the expression gives.
        case expression
        /// Is what the expression gives.
        case valueExpression
    }

    var kind: Kind = .unspecified
    /// The number of bytes of an expression.
    var length: UInt32 = 0
    /// An offset, a register, or where in the section an expression begins.
    var value: Int64 = 0

    var expressionRange: Range<Int> { Int(value)..<Int(value) &+ Int(length) }
}

/// One row of the unwind table: how to find the CFA and the caller's registers.
struct CfiRow {
    /// CFA = register + offset, unless `cfaIsExpression`: then `cfa` holds the expression.
    var cfaRegister: Int = -1
    var cfa = RegisterRule()
    var registers = InlineArray<33, RegisterRule>(repeating: RegisterRule())

    var cfaIsExpression: Bool { cfa.kind == .valueExpression }

    /// Sets the rule of a register; those that sprof does not track (vector registers, flags) are ignored.
    mutating func set(_ register: UInt64, _ kind: RegisterRule.Kind, _ value: Int64, length: Int = 0) {
        guard register < 33 else { return }
        registers[Int(register)] = RegisterRule(kind: kind, length: UInt32(truncatingIfNeeded: length), value: value)
    }
}

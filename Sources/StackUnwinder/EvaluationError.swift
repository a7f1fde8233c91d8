/// Why an expression or a rule gave no value.
enum EvaluationError: Error, Hashable {
    /// A register is needed that is not known in this frame.
    case unknownRegister(Int)
    /// Memory is needed that is not in the copy of the stack.
    case unreadable(UInt64)
    /// The expression is damaged, too long, or uses operations that have no place in unwinding.
    case invalid
}

import ELF
import Primitives

@testable import StackUnwinder

/// What is true while an exception lands, from when its unwinder writes the catching frame's registers over those that it
/// has saved of its caller, to the jump to the landing pad (libgcc's unwind.inc: `uw_install_context`).
///
/// From then on its caller cannot be returned to any more: the stack is the unwinder's function and those that it has
/// called, then the frame that catches, at the call that it had made or, at the very end, at its landing pad, then that
/// frame's callers. Which frame that is shows when it has landed, so a position is only judged then. A position counts as
/// one of these only where the damage is seen in memory: a return address, or a frame pointer where the unwind
/// information says it was saved, is another than at the call.
///
/// The other way to leave many frames at once, longjmp, is described to unwinders in the same way: its CFA is in a register
/// that points to the saved ones (glibc's __longjmp-x86_64.S), and its caller is where it goes.
struct LandingCheck {
    /// A position that waits for the landing.
    struct Pending {
        /// What the unwinder gave.
        var found: [UInt64]
        /// The sampled address and the return addresses of the calls seen.
        var expected: [UInt64]
        /// The position in `expected` of the function whose caller is overwritten.
        var damaged: Int
        /// Where that function begins.
        var function: UInt64?

        /// For the report of a failure.
        func description(_ name: (UInt64) -> String) -> String {
            "landing, damaged at \(damaged): found \(found.map(name)) for \(expected.map(name))"
        }
    }

    private var pending: [Int: [Pending]] = [:]

    /// The positions that have not landed.
    var pendingCount: Int { pending.values.reduce(0) { $0 + $1.count } }

    /// Keeps a position for judgement at the landing; false when nothing in memory is damaged.
    mutating func postpone(
        _ position: StepOracle.Position, found: [UInt64], expected: [UInt64], in space: AddressSpace,
        modules: ModuleTable
    ) -> Bool {
        let damage =
            Self.damage(at: position, in: space, modules: modules)
            ?? (Self.isJump(position, in: space, modules: modules) ? 0 : nil)
        // In the last instruction, the jump, the overwritten return address has been popped already.
        guard let damaged = damage ?? (pending[position.thread] == nil ? nil : 0) else { return false }
        let function =
            damaged < found.count ? Self.function(at: found[damaged], damaged > 0, in: space, modules: modules) : nil
        pending[position.thread, default: []].append(
            Pending(found: found, expected: expected, damaged: damaged, function: function))
        return true
    }

    /// Judges the waiting positions of a thread that is at `stack` without any doubt, once it has left the unwinder.
    mutating func land(
        thread: Int, stack: [UInt64], in space: AddressSpace, modules: ModuleTable
    ) -> (right: Int, wrong: [Pending]) {
        // A landing pad may be just where the catching frame's call returns to: the last instructions show no damage.
        guard let waiting = pending[thread], let last = waiting.last,
            last.function == nil || last.function != Self.function(at: stack[0], false, in: space, modules: modules)
        else { return (0, []) }
        pending[thread] = nil
        let wrong = waiting.filter { !Self.isRight($0, landed: stack) }
        return (waiting.count - wrong.count, wrong)
    }

    private static func isRight(_ position: Pending, landed: [UInt64]) -> Bool {
        let (found, expected) = (position.found, position.expected)
        let inner = position.damaged + 1
        let callers = landed.dropFirst()
        guard found.count == inner + landed.count, found.prefix(inner) == expected.prefix(inner),
            found.suffix(callers.count) == callers, expected.count >= callers.count,
            expected.suffix(callers.count) == callers
        else { return false }
        let catching = found[inner]
        // The call that the catching frame had made, as it was seen.
        let caller = expected.count - callers.count - 1
        if caller >= inner, catching == expected[caller] { return true }
        return position.damaged == 0 && catching == landed[0]
    }

    /// Whether the row of the sampled function takes its CFA from another register than a frame's.
    private static func isJump(_ position: StepOracle.Position, in space: AddressSpace, modules: ModuleTable) -> Bool {
        guard let address = position.registers[16], let location = CodeLocation(address, in: space, modules: modules),
            let row = location.module?.row(at: location.address)?.row
        else { return false }
        return !row.cfaIsExpression && row.cfaRegister != 6 && row.cfaRegister != 7
    }

    private static func function(
        at address: UInt64, _ isReturn: Bool, in space: AddressSpace, modules: ModuleTable
    ) -> UInt64? {
        guard let location = CodeLocation(isReturn ? address &- 1 : address, in: space, modules: modules) else {
            return nil
        }
        return location.module?.describedStart(of: location.address).map { $0 &+ location.bias }
    }

    /// The innermost frame of which the return address or the caller's frame pointer is not what it was at the call.
    private static func damage(at position: StepOracle.Position, in space: AddressSpace, modules: ModuleTable) -> Int? {
        guard let start = position.registers[7] else { return nil }
        return unsafe position.stack.withUnsafeBytes { bytes in
            let memory = unsafe StackMemory(bytes, start: start)
            var lookup = position.registers[16] ?? 0
            for (index, call) in position.calls.enumerated() {
                if call.slot != 0 {
                    if let word = memory.word(at: call.slot), word != call.returnAddress { return index }
                    if let location = CodeLocation(lookup, in: space, modules: modules),
                        let rule = location.module?.row(at: location.address)?.row.registers[6], rule.kind == .offset,
                        let word = memory.word(at: call.slot &+ 8 &+ UInt64(bitPattern: rule.value)),
                        word != call.framePointer
                    {
                        return index
                    }
                }
                lookup = call.returnAddress &- 1
            }
            return nil
        }
    }
}

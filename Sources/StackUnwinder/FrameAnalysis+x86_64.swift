/// Follows the instructions of a function from its start to an address and tells the frame's layout there.
enum FrameAnalysisX86 {
    /// Functions are followed this far.
    private static let byteLimit: UInt64 = 8_192
    private static let branchLimit = 64

    private struct Depth {
        /// Bytes between the stack pointer and the CFA.
        var stack: Int32 = 8
        /// The stack pointer went where only the frame pointer leads back from.
        var isStackLost = false
        /// Where %rbp was saved: the slot relative to the CFA.
        var savedFramePointer: Int16?
        /// %rbp is the CFA minus this.
        var framePointer: Int32?
    }

    /// The rule at `address`; nil when something on the way is not understood.
    ///
    /// Code is read in a straight line; behind an unconditional jump the layout is that at an earlier branch to there.
    static func rule(
        address: UInt64, function: UInt64, code: (UInt64) -> CodePages.Window
    ) -> UnwindRule? {
        guard address >= function, address - function <= byteLimit else { return nil }
        var position = function
        var current: Depth? = Depth()
        var targets: [(UInt64, Depth)] = []
        while position < address {
            if let (_, depth) = targets.first(where: { $0.0 == position }) { current = depth }
            guard let instruction = InstructionX86(code(position)) else { return nil }
            let next = position &+ UInt64(instruction.length)
            apply(instruction.effect, to: &current)
            switch instruction.effect {
            case .branch(let distance), .jump(let distance):
                let target = next &+ UInt64(bitPattern: Int64(distance))
                if let current, target > position, target <= address, targets.count < branchLimit {
                    targets.append((target, current))
                }
            default: break
            }
            switch instruction.effect {
            case .jump, .end: current = nil
            default: break
            }
            position = next
        }
        if let (_, depth) = targets.first(where: { $0.0 == position }) { current = depth }
        guard position == address, let depth = current else { return nil }
        let slot = depth.savedFramePointer ?? UnwindRule.unchanged
        if let offset = depth.framePointer { return UnwindRule(.framePointer, offset: offset, framePointerSlot: slot) }
        guard depth.stack >= 8, depth.stack < 1 << 22, depth.stack & 7 == 0 else { return nil }
        return UnwindRule(.stackPointer, offset: depth.stack, framePointerSlot: slot)
    }

    private static func apply(_ effect: InstructionX86.Effect, to current: inout Depth?) {
        guard var depth = current else { return }
        switch effect {
        case .adjust(let bytes):
            depth.stack &-= bytes
        case .pushFramePointer:
            depth.stack &+= 8
            if depth.savedFramePointer == nil { depth.savedFramePointer = Int16(exactly: -(depth.stack / 8)) }
        case .popFramePointer:
            guard !depth.isStackLost else {
                current = nil
                return
            }
            depth.stack &-= 8
            depth.savedFramePointer = nil
            depth.framePointer = nil
        case .setFramePointer:
            depth.framePointer = depth.stack
        case .leave:
            guard let offset = depth.framePointer else {
                current = nil
                return
            }
            depth.stack = offset &- 8
            depth.isStackLost = false
            depth.savedFramePointer = nil
            depth.framePointer = nil
        case .unknown:
            // Variable frames: no loss while %rbp leads to the CFA.
            guard depth.framePointer != nil else {
                current = nil
                return
            }
            depth.isStackLost = true
        case .stackPointerFromFrame(let displacement):
            guard let offset = depth.framePointer else {
                current = nil
                return
            }
            depth.stack = offset &- displacement
            depth.isStackLost = false
        case .other, .branch, .jump, .end:
            break
        }
        current = depth
    }
}

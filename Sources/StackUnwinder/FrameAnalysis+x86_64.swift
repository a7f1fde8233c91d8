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

    /// Code behind the address that may branch back to it is followed this far.
    private static let byteCountBehind: UInt64 = 256
    private static let passLimit = 3

    /// The branches seen and the layout at each, by where they lead.
    private typealias Targets = [(address: UInt64, depth: Depth)]

    /// The rule at `address`; nil when something on the way is not understood.
    ///
    /// Code is read in a straight line; behind an unconditional jump the layout is that at a branch to there. Where only a
    /// later branch leads there, as into loops whose condition comes last, the code is read again.
    static func rule(
        address: UInt64, function: UInt64, code: (UInt64) -> CodePages.Window
    ) -> UnwindRule? {
        guard address >= function, address - function <= byteLimit else { return nil }
        var targets: Targets = []
        for _ in 0..<passLimit {
            let known = targets.count
            if let depth = depth(at: address, function: function, &targets, code) { return rule(depth) }
            if targets.count == known { return nil }
        }
        return nil
    }

    /// The layout at `address`, from the function's start and the branches seen in passes before; nil if nothing leads
    /// there.
    private static func depth(
        at address: UInt64, function: UInt64, _ targets: inout Targets, _ code: (UInt64) -> CodePages.Window
    ) -> Depth? {
        var position = function
        var current: Depth? = Depth()
        while position <= address &+ byteCountBehind {
            if let target = targets.first(where: { $0.address == position }) { current = target.depth }
            if position == address, let current { return current }
            guard let instruction = InstructionX86(code(position)) else { return nil }
            let next = position &+ UInt64(instruction.length)
            // Not decoded in step with the address.
            if position < address, next > address { return nil }
            apply(instruction.effect, to: &current)
            switch instruction.effect {
            case .branch(let distance), .jump(let distance):
                let target = next &+ UInt64(bitPattern: Int64(distance))
                if let current, target > function, target <= address &+ byteCountBehind,
                    targets.count < branchLimit, !targets.contains(where: { $0.address == target })
                {
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
        return nil
    }

    private static func rule(_ depth: Depth) -> UnwindRule? {
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

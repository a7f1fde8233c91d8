/// The registers of the frame being left: always the three that nearly all code is unwound with, and all others as far
/// as they are known.
struct FrameState {
    var programCounter: UInt64
    var stackPointer: UInt64
    var framePointer: UInt64
    /// The program counter is where a call returns to.
    var isReturn = false
    /// Whether `registers` belongs to this frame; otherwise only the three are known.
    var registersAreCurrent = true
    var registers: RegisterSet

    /// The sampled frame. Not failable: that would copy the registers, most of what a short stack costs, six times.
    @inline(__always)
    init(_ registers: RegisterSet, programCounter: UInt64, stackPointer: UInt64, layout: RegisterLayout) {
        self.programCounter = programCounter
        self.stackPointer = stackPointer
        framePointer = (registers[layout.framePointer] ?? 0) & layout.framePointerMask
        self.registers = registers
    }

    /// What is known of this frame's registers.
    func allRegisters(_ layout: RegisterLayout) -> RegisterSet {
        if registersAreCurrent { return registers }
        var result = RegisterSet(machine: registers.machine)
        result[layout.programCounter] = programCounter
        result[layout.stackPointer] = stackPointer
        result[layout.framePointer] = framePointer
        return result
    }

    /// Goes to the caller, with the registers that a function preserves.
    @inline(__always)
    mutating func leave(to programCounter: UInt64, stackPointer: UInt64, framePointer: UInt64) {
        self.programCounter = programCounter
        self.stackPointer = stackPointer
        self.framePointer = framePointer
        isReturn = true
        registersAreCurrent = false
    }

    /// Makes `registers` those of this frame again, given those of the callee.
    mutating func carryRegisters(from callee: RegisterSet, layout: RegisterLayout) {
        registers = callee
        registers.keep(only: layout.calleeSaved)
        registers[layout.programCounter] = programCounter
        registers[layout.stackPointer] = stackPointer
        registers[layout.framePointer] = framePointer
        registersAreCurrent = true
    }

    /// Goes to the frame that `registers` describes.
    mutating func leave(to registers: RegisterSet, layout: RegisterLayout, isReturn: Bool) {
        self.registers = registers
        programCounter = registers[layout.programCounter] ?? 0
        stackPointer = registers[layout.stackPointer] ?? 0
        framePointer = registers[layout.framePointer] ?? 0
        self.isReturn = isReturn
        registersAreCurrent = true
    }
}

import CPerfEvent
import Primitives

/// A small program for the kernel's BPF machine, instruction by instruction.
///
/// The encoding is `struct bpf_insn` of include/uapi/linux/bpf.h, its meaning Documentation/bpf/standardization/
/// instruction-set.rst. The programs here have a dozen instructions, which is not worth a compiler at build time or an
/// ELF file at run time.
struct BPFProgram {
    /// What a program is for (enum bpf_prog_type).
    enum Kind: UInt32 {
        case tracepoint = 5
        case perfEvent = 7
    }

    /// r0 is a call's result, r1 to r5 are its arguments, r6 to r9 survive it, r10 is the end of 512 bytes of stack.
    enum Register: UInt64 {
        case r0, r1, r2, r3, r4, r5, r6, r7, r8, r9
        case stack
    }

    /// enum bpf_func_id.
    enum Helper: Int32 {
        case lookUp = 1
        case update = 2
        case delete = 3
        case currentTask = 14
    }

    /// The instructions so far; the kernel takes them as they are.
    private(set) var instructions: [UInt64] = []
    /// Jumps to the end, whose distance is known last.
    private var pendingJumps: [Int] = []

    private mutating func add(
        _ code: UInt64, _ target: Register = .r0, _ source: Register = .r0, offset: Int16 = 0, _ immediate: Int32 = 0
    ) {
        instructions.append(
            code | target.rawValue << 8 | source.rawValue << 12 | UInt64(UInt16(bitPattern: offset)) << 16
                | UInt64(UInt32(bitPattern: immediate)) << 32)
    }

    /// target = source
    mutating func move(_ source: Register, to target: Register) { add(0xbf, target, source) }

    /// target = value
    mutating func set(_ target: Register, to value: Int32) { add(0xb7, target, value) }

    /// target = the map behind `descriptor` (BPF_PSEUDO_MAP_FD)
    mutating func set(_ target: Register, toMap descriptor: Int32) {
        add(0x18, target, .r1, descriptor)
        add(0)
    }

    /// target = the address `offset` bytes from the end of the stack
    mutating func set(_ target: Register, toStack offset: Int16) {
        move(.stack, to: target)
        add(0x07, target, Int32(offset))
    }

    /// target >>= bits
    mutating func shiftRight(_ target: Register, by bits: Int32) { add(0x77, target, bits) }

    /// target &= mask
    mutating func and(_ target: Register, _ mask: Int32) { add(0x57, target, mask) }

    /// target = the 4 or 8 bytes at base + offset
    mutating func load(_ target: Register, _ base: Register, _ offset: Int16, byteCount: Int) {
        add(byteCount == 8 ? 0x79 : 0x61, target, base, offset: offset)
    }

    /// The 4 bytes of the stack at `offset` = source
    mutating func store(_ source: Register, toStack offset: Int16) { add(0x63, .stack, source, offset: offset) }

    /// The 4 bytes of the stack at `offset` = value
    mutating func store(_ value: Int32, toStack offset: Int16) { add(0x62, .stack, .r0, offset: offset, value) }

    /// The 8 bytes at `base` += source, atomically
    mutating func atomicAdd(_ source: Register, to base: Register) { add(0xdb, base, source) }

    /// r0 = helper(r1, …)
    mutating func call(_ helper: Helper) { add(0x85, helper.rawValue) }

    /// Jumps to the end if `register` is zero.
    mutating func leave(ifZero register: Register) { jump(0x15, register) }

    /// Jumps to the end unless `register` is zero.
    mutating func leave(unlessZero register: Register) { jump(0x55, register) }

    private mutating func jump(_ code: UInt64, _ register: Register) {
        pendingJumps.append(instructions.count)
        add(code, register)
    }

    /// The end of the program: its result is r0, or always `result`.
    mutating func end(with result: Int32? = nil) {
        for jump in pendingJumps {
            instructions[jump] |= UInt64(UInt16(instructions.count - jump - 1)) << 16
        }
        pendingJumps = []
        if let result { set(.r0, to: result) }
        add(0x95)
    }

    /// Gives the program to the kernel, which proves that it ends and stays within its memory.
    func load(as kind: Kind) throws(SystemError) -> FileDescriptor {
        let descriptor = unsafe cperf_bpf_load(kind.rawValue, instructions, UInt32(instructions.count))
        guard descriptor >= 0 else { throw .last("load a BPF program") }
        return FileDescriptor(owning: descriptor)
    }
}

extension BPFProgram {
    private mutating func add(_ code: UInt64, _ target: Register, _ immediate: Int32) {
        add(code, target, .r0, immediate)
    }

    private mutating func add(_ code: UInt64, _ immediate: Int32) {
        add(code, .r0, .r0, immediate)
    }
}

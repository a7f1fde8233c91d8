internal import CLinux
internal import Glibc

/// A list of the system calls that a process may still make, as a program for the kernel (seccomp(2)).
///
/// What is not on the list fails with EPERM, so that a library which tries for a better way falls back to a lesser one.
struct SystemCallFilter {
    /// A 32-bit part of an argument that must have a certain value: `argument & mask == value`.
    struct Condition {
        var argument: Int
        var mask: UInt32
        var value: UInt32
    }

    private var program: [sock_filter] = []

    /// The layout of `struct seccomp_data`: the number, the architecture, the instruction pointer, six arguments.
    private static let numberOffset: UInt32 = 0
    private static let architectureOffset: UInt32 = 4
    private static let argumentsOffset: UInt32 = 16

    /// A filter that allows nothing yet.
    ///
    /// A call by another architecture's table (32-bit code, say) ends the process: its numbers mean other calls.
    init() {
        load(Self.architectureOffset)
        jump(ifEqual: sprof_audit_architecture(), skip: 1, otherwiseSkip: 0)
        finish(SECCOMP_RET_KILL_PROCESS)
        load(Self.numberOffset)
    }

    /// Allows the system call `number`, where there are conditions only if one of them holds.
    mutating func allow(_ number: Int32, ifAny conditions: [Condition] = []) {
        guard !conditions.isEmpty else {
            jump(ifEqual: UInt32(number), otherwiseSkip: 1)
            finish(UInt32(SECCOMP_RET_ALLOW))
            return
        }
        // Each condition takes four instructions; one refusal behind them.
        jump(ifEqual: UInt32(number), otherwiseSkip: UInt8(conditions.count * 4 + 1))
        for condition in conditions {
            // Both architectures are little-endian: the low half comes first.
            load(Self.argumentsOffset + UInt32(condition.argument) * 8)
            append(BPF_ALU | BPF_AND | BPF_K, condition.mask)
            jump(ifEqual: condition.value, otherwiseSkip: 1)
            finish(UInt32(SECCOMP_RET_ALLOW))
        }
        finish(Self.refusal(EPERM))
    }

    /// Makes the system call `number` fail as if the kernel were too old for it, which libraries take as a hint to use an older one.
    mutating func hide(_ number: Int32) {
        jump(ifEqual: UInt32(number), otherwiseSkip: 1)
        finish(Self.refusal(ENOSYS))
    }

    /// Puts the filter into force for the calling thread and the threads that it starts; whether that worked.
    consuming func install() -> Bool {
        finish(Self.refusal(EPERM))
        return unsafe sprof_seccomp(program, UInt16(program.count)) == 0
    }

    private static func refusal(_ code: Int32) -> UInt32 { UInt32(SECCOMP_RET_ERRNO) | UInt32(code) }

    private mutating func load(_ offset: UInt32) { append(BPF_LD | BPF_W | BPF_ABS, offset) }

    private mutating func finish(_ action: UInt32) { append(BPF_RET | BPF_K, action) }

    /// Leaves out so many instructions if the loaded value is `value`, and so many if not.
    private mutating func jump(ifEqual value: UInt32, skip count: UInt8 = 0, otherwiseSkip otherCount: UInt8) {
        program.append(
            sock_filter(code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jt: count, jf: otherCount, k: value))
    }

    private mutating func append(_ code: Int32, _ operand: UInt32) {
        program.append(sock_filter(code: UInt16(code), jt: 0, jf: 0, k: operand))
    }
}

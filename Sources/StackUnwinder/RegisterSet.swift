public import ELF
public import Primitives

/// The registers of a thread, by their DWARF numbers, and which of them are known.
///
/// x86_64 uses 0...16 (System V psABI, table 3.36), with the program counter as 16; arm64 uses 0...32 (AADWARF64), with
/// sp as 31 and the program counter as 32.
public struct RegisterSet: Sendable {
    /// The instruction set that the numbers belong to.
    public let machine: ElfMachine
    /// One bit for each register that has a value.
    public private(set) var known: UInt64
    var values: InlineArray<33, UInt64>

    /// No register known.
    public init(machine: ElfMachine) {
        self.machine = machine
        known = 0
        values = InlineArray(repeating: 0)
    }

    /// The registers as `PERF_SAMPLE_REGS_USER` delivers them: one word per set bit of `mask`, lowest bit first.
    ///
    /// Nil when the machine is not supported, words are missing, or one of program counter and stack pointer is.
    public init?(machine: ElfMachine, perfMask mask: UInt64, words: RawSpan) {
        self.init(machine: machine)
        var reader = ByteReader(words)
        for bit in 0..<64 where mask & (1 << UInt64(bit)) != 0 {
            guard let word = try? reader.read(UInt64.self) else { return nil }
            if let number = Self.dwarfNumber(ofPerfRegister: bit, machine: machine) { self[number] = word }
        }
        guard let layout, self[layout.programCounter] != nil, self[layout.stackPointer] != nil else { return nil }
    }

    /// The bits to set in `perf_event_attr.sample_regs_user` so that everything can be unwound; 0 when unsupported.
    public static func perfMask(machine: ElfMachine) -> UInt64 {
        switch machine {
        case .x86_64: RegisterLayout.x86_64.perfMask
        case .arm64: RegisterLayout.arm64.perfMask
        default: 0
        }
    }

    /// The value of the register with this DWARF number; nil when unknown.
    public subscript(number: Int) -> UInt64? {
        get {
            guard number >= 0, number < 33, known & (1 << UInt64(number)) != 0 else { return nil }
            return values[number]
        }
        set {
            guard number >= 0, number < 33 else { return }
            let bit: UInt64 = 1 << UInt64(number)
            if let newValue {
                values[number] = newValue
                known |= bit
            } else {
                known &= ~bit
            }
        }
    }

    /// Where the thread was; nil when unknown.
    public var programCounter: Address? {
        layout.flatMap { self[$0.programCounter] }.map { Address($0) }
    }

    /// Forgets all registers but those with a bit in `mask`.
    mutating func keep(only mask: UInt64) {
        known &= mask
    }

    /// Where the special registers are; nil for a machine that sprof does not unwind.
    var layout: RegisterLayout? {
        switch machine {
        case .x86_64: .x86_64
        case .arm64: .arm64
        default: nil
        }
    }

    private static func dwarfNumber(ofPerfRegister bit: Int, machine: ElfMachine) -> Int? {
        machine == .x86_64 ? RegisterLayout.x86_64Number(ofPerfRegister: bit) : bit < 33 ? bit : nil
    }
}

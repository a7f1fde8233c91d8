/// The instruction set of an image: `e_machine` of the ELF header.
public struct ElfMachine: RawRepresentable, Hashable, Sendable {
    /// The number in the header.
    public let rawValue: UInt16

    /// Any number; only those below have names here.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// `EM_X86_64`.
    public static let x86_64 = ElfMachine(rawValue: 62)
    /// `EM_AARCH64`.
    public static let arm64 = ElfMachine(rawValue: 183)
}

import Primitives

/// One decoded machine instruction.
struct Instruction: Hashable, Sendable {
    /// Where it is in its file.
    let address: FileAddress
    /// Its bytes' number; 1 for a byte that is no instruction.
    let byteCount: Int
    /// The instruction as assembly, `mov    %rsp,%rbp`; `(bad)` for a byte that is none.
    let text: String
    /// The address that a direct jump or call leads to.
    let target: FileAddress?
}

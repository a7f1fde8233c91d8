package import Primitives

/// One decoded machine instruction.
package struct Instruction: Hashable, Sendable {
    /// Where it is in its file.
    package let address: FileAddress
    /// Its bytes' number; 1 for a byte that is no instruction.
    package let byteCount: Int
    /// The instruction as assembly, `mov    %rsp,%rbp`; `(bad)` for a byte that is none.
    package let text: String
    /// The address that a direct jump or call leads to.
    package let target: FileAddress?
}

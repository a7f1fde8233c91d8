public import Primitives

/// Why a file is not usable as an ELF image.
public enum ElfError: Error, Hashable, Sendable {
    /// The first bytes are not those of an ELF file.
    case notElf
    /// An ELF file of 32 bits or of big-endian byte order, which sprof does not handle.
    case unsupportedFormat
    /// A header or table lies outside the file, or is larger than any linker would make it.
    case malformed
    /// The file could not be read.
    case system(SystemError)
}

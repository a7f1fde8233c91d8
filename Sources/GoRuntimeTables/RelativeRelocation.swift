public import Primitives

/// What the loader writes into a position-independent file's data.
public enum RelativeRelocation {
    /// The address, before loading, that `relocations` (the contents of a RELA section) put at `place`; nil if none. O(n).
    public static func value(at place: FileAddress, in relocations: RawSpan) -> FileAddress? {
        var reader = ByteReader(relocations)
        // Elf64_Rela: offset, info, addend.
        while reader.remaining >= 24 {
            guard let offset = try? reader.read(UInt64.self), let info = try? reader.read(UInt64.self),
                let addend = try? reader.read(UInt64.self)
            else { return nil }
            // R_X86_64_RELATIVE, R_AARCH64_RELATIVE.
            if offset == place.value, info == 8 || info == 1_027 { return FileAddress(addend) }
        }
        return nil
    }
}

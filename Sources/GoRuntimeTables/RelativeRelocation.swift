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

    /// The first place, of those that `isWanted` (asked at most 64 times), where `relocations` put `value`. O(n).
    static func place(
        of value: FileAddress, in relocations: RawSpan, where isWanted: (FileAddress) -> Bool
    ) -> FileAddress? {
        var reader = ByteReader(relocations)
        var candidates = 0
        while reader.remaining >= 24, candidates < 64 {
            guard let offset = try? reader.read(UInt64.self), let info = try? reader.read(UInt64.self),
                let addend = try? reader.read(UInt64.self)
            else { return nil }
            guard addend == value.value, info == 8 || info == 1_027 else { continue }
            candidates += 1
            if isWanted(FileAddress(offset)) { return FileAddress(offset) }
        }
        return nil
    }
}

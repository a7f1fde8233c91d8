import ELF
import Primitives

/// Files that hold programs.
public enum ProgramFile {
    /// Whether the file at `path` is a program or library that can be read.
    public static func isProgram(_ path: String) -> Bool { image(path) != nil }

    /// The headers of the file at `path`; nil if it is no program.
    static func image(_ path: String) -> ElfImage? {
        guard let file = try? FileDescriptor(openingRegularFile: path) else { return nil }
        return try? ElfImage(reading: file)
    }
}

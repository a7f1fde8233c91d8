/// Shorter forms of the names of functions, for boxes that have little room.
public enum ShortNames {
    /// Which rules shorten a name.
    public enum Language: Sendable {
        case swift
        case rust
        /// Go, Java, C++ and whatever else, told apart by the name itself, as pprof does.
        case other
    }

    /// The language of a function by its mangled name.
    public static func language(ofSystemName name: String) -> Language {
        .other
    }

    /// The short form that graphs show.
    public static func short(_ name: String, _ language: Language = .other) -> String {
        PprofShortName.short(name)
    }
}

/// Options as users of pprof spell them.
enum ArgumentSpelling {
    /// `arguments` with dashes in the names of long options in place of pprof's underscores: `--diff_base=x` is
    /// `--diff-base=x`. What follows `--` is not ours.
    static func normalized(_ arguments: [String]) -> [String] {
        guard let end = arguments.firstIndex(of: "--") else { return arguments.map(normalized) }
        return arguments[..<end].map(normalized) + arguments[end...]
    }

    private static func normalized(_ argument: String) -> String {
        guard argument.hasPrefix("--") else { return argument }
        let name = argument.prefix { $0 != "=" }
        return String(name.replacing("_", with: "-")) + argument[name.endIndex...]
    }
}

/// What GCC and LLVM append to the symbol of a copy or a part of a function.
enum CloneSuffix {
    private static let words: Set<Substring> = [
        "isra", "constprop", "part", "cold", "lto_priv", "llvm", "localalias", "clone", "resume", "destroy", "cleanup",
        "warm", "hot", "unlikely",
    ]

    /// `symbol` without such endings: `f.isra.0.cold` is `f`.
    static func removed(from symbol: String) -> String {
        let parts = symbol.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1 else { return symbol }
        guard let first = parts.dropFirst().firstIndex(where: { words.contains($0) }), !parts[0].isEmpty else {
            return symbol
        }
        let rest = parts[first...]
        guard rest.allSatisfy({ words.contains($0) || ($0.utf8.allSatisfy { (48...57).contains($0) } && !$0.isEmpty) })
        else { return symbol }
        return parts[..<first].joined(separator: ".")
    }
}

import ProfileModel
import ProfileTransform

/// Gives functions the names that pprof shows, as far as a `-symbolize` option asks for it.
///
/// Facts: github.com/google/pprof `internal/symbolizer/symbolizer.go` (`Demangle`).
struct DisplayNames {
    /// How much of a name is kept.
    let demangling: SymbolizationMode.Demangling
    /// Whether names that are readable already are made anew from linkage names.
    let isForced: Bool
    /// The readable forms of linkage names.
    let demangle: ProfileLoader.Demangle

    /// Names the functions of `profile`.
    func apply(to profile: inout Profile) {
        if isForced {
            for index in profile.functions.indices where !profile.functions[index].name.isEmpty {
                let systemName = profile.functions[index].systemName
                if !systemName.isEmpty { profile.functions[index].name = systemName }
            }
        }
        let detail: NameDetail
        switch demangling {
        case .none: return
        case .simplified: detail = .short
        case .templates: detail = .templates
        case .full: detail = .full
        }
        let linkageNames = profile.functions
            .filter { $0.name.isEmpty || $0.name == $0.systemName }.map { profile.string($0.systemName) }
        let readable = demangle(linkageNames)
        profile.finishNames(detail) { name in readable[name].map { Self.shortened($0, of: name, detail) } }
    }

    /// What pprof leaves of `text`, the readable form of `name`: it shortens the names of C++ and of Rust's new scheme.
    static func shortened(_ text: String, of name: String, _ detail: NameDetail) -> String {
        if name.hasPrefix("_R") || name.hasPrefix("__R") {
            return detail == .short ? RustGenerics.removed(from: text) : text
        }
        // Names in the old scheme of Rust end in a hash, and have nothing to leave out.
        guard name.hasPrefix("_Z") || name.hasPrefix("__Z"), !isOldRust(name) else { return text }
        switch detail {
        case .short: return PlainFunctionName.shortened(text)
        case .templates: return PlainFunctionName.shortened(text, keepsTemplates: true)
        case .full:
            // Which copy of a function it is.
            return text.ranges(of: " [clone ").first.map { String(text[..<$0.lowerBound]) } ?? text
        }
    }

    /// Whether a name in the style of C++ ends in Rust's hash: `17h`, sixteen digits and `E`.
    private static func isOldRust(_ name: String) -> Bool {
        guard let hash = name.ranges(of: "17h").last else { return false }
        let digits = name[hash.upperBound...].prefix(16)
        return digits.allSatisfy(\.isHexDigit) && name[digits.endIndex...].hasPrefix("E")
    }
}

import Primitives
public import ProfileModel

/// The units that numbers in labels are taken to be in, one for each key.
///
/// Facts: github.com/google/pprof `profile/profile.go` (`NumLabelUnits`).
public struct NumericLabelUnits: Sendable, Equatable {
    /// The unit by key: the first that the profile states for it; if it states none, `bytes` for `alignment` and
    /// `request`, else the key itself.
    public private(set) var units: [String: String] = [:]
    /// What to tell the user: keys with several units, of which only one is used.
    public private(set) var notices: [String] = []

    /// The units of all numeric labels of `profile`. O(labels).
    public init(_ profile: Profile) {
        var isSeen = [Bool](repeating: false, count: profile.strings.count)
        var first = [StringID](repeating: .empty, count: profile.strings.count)
        var ignored: [StringID: Set<StringID>] = [:]
        for label in profile.samples.labels {
            guard case .number(_, let unit) = label.value else { continue }
            let key = Int(label.key.rawValue)
            isSeen[key] = true
            if unit.isEmpty || first[key] == unit { continue }
            if first[key].isEmpty {
                first[key] = unit
            } else {
                ignored[label.key, default: []].insert(unit)
            }
        }
        for position in isSeen.indices where isSeen[position] {
            let key = profile.strings.strings[position]
            if !first[position].isEmpty {
                units[key] = profile.string(first[position])
            } else {
                units[key] = key == "alignment" || key == "request" ? "bytes" : key
            }
        }
        notices = ignored.map { key, others in
            let name = profile.string(key)
            let list = others.map(profile.string).sorted(by: bytesPrecede).joined(separator: ", ")
            return "For tag \(name) used unit \(units[name] ?? ""), also encountered unit(s) \(list)"
        }.sorted(by: bytesPrecede)
    }
}

import ProfileModel

/// The labels of a sample that have the same key and are all texts or all numbers.
struct LabelGroup {
    let key: StringID
    /// In the sample's order.
    private(set) var labels: [Label]

    /// The groups of `labels`, which are all texts or all numbers, in the order of their first ones.
    static func groups(_ labels: some Sequence<Label>) -> [LabelGroup] {
        var groups: [LabelGroup] = []
        for label in labels {
            if let index = groups.firstIndex(where: { $0.key == label.key }) {
                groups[index].labels.append(label)
            } else {
                groups.append(LabelGroup(key: label.key, labels: [label]))
            }
        }
        return groups
    }

    /// The values as `raw` prints them: numbers with their units, if one of them has a unit.
    func rawTexts(in profile: Profile) -> [String] {
        let hasUnits = labels.contains { label in
            if case .number(_, let unit) = label.value { return !unit.isEmpty }
            return false
        }
        return labels.map { label in
            switch label.value {
            case .string(let text): profile.string(text)
            case .number(let number, let unit): hasUnits ? "\(number) \(profile.string(unit))" : "\(number)"
            }
        }
    }

    /// The values as `traces` prints them: numbers each in the unit that suits it.
    func texts(in profile: Profile, units: [String: String]) -> [String] {
        labels.map { label in
            switch label.value {
            case .string(let text):
                return profile.string(text)
            case .number(let number, _):
                let key = profile.string(key)
                return Measurement.label(number, from: units[key] ?? key, to: "auto")
            }
        }
    }
}

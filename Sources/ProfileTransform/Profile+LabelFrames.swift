public import Primitives
public import ProfileModel

/// Which of the label keys that frames were asked for exist.
public struct LabelFrameMatches: Sendable, Equatable {
    /// A sample has a label with one of the keys for the root.
    public var root = false
    /// A sample has a label with one of the keys for the leaf.
    public var leaf = false
}

// Facts: github.com/google/pprof `internal/driver/tagroot.go`.
extension Profile {
    /// Adds a frame for each of the label keys to every sample: at the root the first of `roots` is the root, at the
    /// leaf the last of `leaves` is the leaf. Such a frame is a function with the label's values for a name, separated by
    /// commas, and its key for a file. O(samples).
    ///
    /// - Parameters:
    ///   - unit: The unit for numbers; `minimum` or `auto` for what suits each.
    ///   - cancellation: Whether the frames are still wanted; if not, the profile has none of them.
    @discardableResult
    public mutating func addLabelFrames(
        roots: [String], leaves: [String], unit: String, cancellation: Cancellation = .never
    ) throws(ProfileFilterError) -> LabelFrameMatches {
        if roots.isEmpty, leaves.isEmpty { return LabelFrameMatches() }
        var frames = LabelFrames(unit: unit)
        let rootKeys = roots.reversed().map { intern($0) }
        let leafKeys = leaves.reversed().map { intern($0) }
        var (rootFrames, leafFrames): ([LocationIndex], [LocationIndex]) = ([], [])
        rootFrames.reserveCapacity(rootKeys.count * samples.count)
        leafFrames.reserveCapacity(leafKeys.count * samples.count)
        var matches = LabelFrameMatches()
        for position in samples.indices {
            if position % 4096 == 0, cancellation.isRequested { throw .cancelled }
            // In this order, because the new locations are numbered as they come.
            if frames.append(of: position, keys: rootKeys, in: &self, to: &rootFrames) { matches.root = true }
            if frames.append(of: position, keys: leafKeys, in: &self, to: &leafFrames) { matches.leaf = true }
        }
        samples.addFrames(
            leaves: leafFrames, leafCount: leafKeys.count, roots: rootFrames, rootCount: rootKeys.count)
        return matches
    }
}

/// Makes the locations that stand for label values.
private struct LabelFrames {
    /// What a location was made of.
    private struct Origin: Hashable {
        var name: StringID
        var key: StringID
    }

    private let unit: String
    private var known: [Origin: LocationIndex] = [:]
    private var names: [[Label]: StringID] = [:]

    init(unit: String) {
        self.unit = unit
    }

    /// Appends to `frames` a location for each key. Whether the sample at `position` has a label with one of them.
    mutating func append(
        of position: Int, keys: [StringID], in profile: inout Profile, to frames: inout [LocationIndex]
    ) -> Bool {
        var matched = false
        let range = profile.samples.labelRange(position)
        for key in keys {
            let labels = profile.samples.labels[range].filter { $0.key == key }
            if labels.isEmpty {
                frames.append(location(Origin(name: .empty, key: key), in: &profile))
                continue
            }
            matched = true
            let name = names[labels] ?? profile.intern(text(of: labels, in: profile))
            names[labels] = name
            frames.append(location(Origin(name: name, key: key), in: &profile))
        }
        return matched
    }

    private mutating func location(_ origin: Origin, in profile: inout Profile) -> LocationIndex {
        if let location = known[origin] { return location }
        // No function of the profile is taken for it, even if it has the same name and file.
        profile.functions.append(Function(name: origin.name, systemName: .empty, filename: origin.key))
        let function = FunctionIndex(rawValue: UInt32(profile.functions.count - 1))
        let location = profile.addLocation(mapping: nil, address: Address(0), lines: [Line(function: function)])
        known[origin] = location
        return location
    }

    /// The values of labels of the same key: text first, then numbers.
    private func text(of labels: [Label], in profile: Profile) -> String {
        var texts: [String] = []
        var numbers: [(value: Int64, unit: StringID)] = []
        for label in labels {
            switch label.value {
            case .string(let text): texts.append(profile.string(text))
            case .number(let value, let unit): numbers.append((value, unit))
            }
        }
        // Where no number has a unit, none is converted; where some have, the others count as numbers without unit.
        let hasUnits = numbers.contains { !$0.unit.isEmpty }
        for (value, unit) in numbers {
            texts.append(Measurement.label(value, from: profile.string(unit), to: hasUnits ? self.unit : ""))
        }
        return texts.joined(separator: ",")
    }
}

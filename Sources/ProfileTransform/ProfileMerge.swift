public import ProfileModel

/// Several profiles as one.
///
/// Facts: github.com/google/pprof `profile/merge.go` and `internal/driver/fetch.go`.
public enum ProfileMerge {
    /// The profiles as one: reduced to the sample types that all have, in the finest of their units, and merged. A
    /// single profile comes back with its samples as they are.
    public static func combine(_ profiles: consuming [Profile]) throws(ProfileMergeError) -> Profile {
        try SampleTypeAlignment.align(&profiles)
        if profiles.count == 1 { return profiles[0] }
        return try merge(consume profiles)
    }

    /// The samples of all profiles together, which have to have the same sample types. Samples with the same stack and
    /// labels are one, samples without any value are none, and nothing is kept that no sample refers to.
    ///
    /// Locations are the same if they have the same place in the same mapping and the same lines; mappings if they show
    /// the same part of a file with the same build ID or name, wherever it was mapped; functions if all that is known of
    /// them is the same. The order is that in which samples refer to them.
    ///
    /// Each profile goes as soon as its samples are taken over, if nobody else holds it.
    public static func merge(_ profiles: consuming [Profile]) throws(ProfileMergeError) -> Profile {
        try checkCompatible(profiles)
        let merged = mergeAll(consume profiles)
        // Values that cancelled each other out leave samples behind, and with them locations that nothing needs.
        return hasEmptySample(merged.samples) ? mergeAll([merged]) : merged
    }

    private static func checkCompatible(_ profiles: [Profile]) throws(ProfileMergeError) {
        guard let first = profiles.first else { throw .noProfiles }
        for profile in profiles.dropFirst() { try first.checkCompatible(with: profile) }
    }

    /// Merges `profiles`, of which there has to be one.
    private static func mergeAll(_ profiles: consuming [Profile]) -> Profile {
        var merger = ProfileMerger(profiles[0])
        merger.reserve(for: profiles)
        profiles.reverse()
        while var profile = profiles.popLast() { merger.add(&profile) }
        return merger.finish()
    }

    private static func hasEmptySample(_ samples: SampleTable) -> Bool {
        let (values, width) = (samples.values, samples.valuesPerSample)
        // Without types no sample has a value.
        guard width > 0 else { return !samples.isEmpty }
        return stride(from: 0, to: values.count, by: width).contains { start in
            (start..<start + width).allSatisfy { values[$0] == 0 }
        }
    }
}

extension Profile {
    /// How a base is taken off a profile.
    public enum BaseMode: Sendable {
        /// What the base has is subtracted (`-base`).
        case subtract
        /// It is subtracted, and its samples are marked as those that percentages are of (`-diff_base`).
        case compare
    }

    /// Takes the profile `base` off this one: merges it with its values negated.
    ///
    /// - Parameter isNormalized: Scale this profile so that its sums are those of `base` first.
    public consuming func relative(
        to base: consuming Profile, mode: BaseMode, isNormalized: Bool = false
    ) throws(ProfileMergeError) -> Profile {
        if mode == .compare {
            base.samples.setLabel(Label(key: base.intern("pprof::base"), string: base.intern("true")))
        }
        if isNormalized { try normalize(to: base) }
        base.scale(by: -1)
        return try ProfileMerge.combine([consume self, consume base])
    }
}

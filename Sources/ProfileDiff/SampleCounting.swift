import ProfileModel

/// How a profile says how many samples the values at one position stand for.
struct SampleCounting {
    /// Counts beyond are no counts of anything that was measured, and could not be calculated with exactly.
    static let most: Int64 = 1 << 53

    /// The position of the sample type that counts the samples of the values.
    private var countIndex: Int?
    /// The position of the values, which are the number of samples times `period`.
    private var valueIndex: Int
    private var period: Int64 = 0

    init(_ profile: Profile, sampleTypeIndex: Int) {
        valueIndex = sampleTypeIndex
        countIndex = Self.countIndex(of: sampleTypeIndex, in: profile)
        let type = profile.sampleTypes[sampleTypeIndex]
        if countIndex == nil, profile.periodType == type, profile.period > 0, profile.string(type.type) == "cpu" {
            period = profile.period
        }
    }

    var isPossible: Bool { countIndex != nil || period > 0 }

    /// The number of samples behind the values from `start` on.
    @inline(__always)
    func count(_ values: [Int64], at start: Int) -> Int64 {
        if let countIndex { return values[start + countIndex] }
        guard period > 0 else { return 0 }
        return values[start + valueIndex] / period
    }

    /// Where the samples of the values at `index` are counted; nil if nowhere.
    ///
    /// Go, gperftools and sprof call the count `samples`. A profile of several events has one for each: `EVENT_sample`
    /// beside `EVENT_event` from perf_to_profile, `EVENT_samples` before `EVENT` (or before `cpu`, where the event counts
    /// time) from sprof; that of another event says nothing. Nor do other counts, as of allocations or contentions,
    /// which are estimates made from samples.
    private static func countIndex(of index: Int, in profile: Profile) -> Int? {
        let names = profile.sampleTypes.map { profile.string($0.type) }
        func isCount(_ position: Int) -> Bool {
            let name = names[position]
            return profile.string(profile.sampleTypes[position].unit) == "count"
                && (name == "samples" || name == "sample" || name.hasSuffix("_sample") || name.hasSuffix("_samples"))
        }
        let counts = names.indices.filter(isCount)
        if counts.contains(index) { return index }
        let event = names[index].hasSuffix("_event") ? String(names[index].dropLast("_event".count)) : names[index]
        if let own = counts.first(where: { names[$0] == event + "_sample" || names[$0] == event + "_samples" }) {
            return own
        }
        if names[index] == "cpu", counts.contains(index - 1) { return index - 1 }
        return counts.first { names[$0] == "samples" || names[$0] == "sample" }
    }
}

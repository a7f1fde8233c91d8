import ProfileModel
import ProfileReport

/// What was measured at each location of a profile.
struct LocationWeights {
    /// By the location's position in the profile.
    private(set) var weights: [Weight]

    /// Adds up the profile of `context`: flat counts for the leaf of a stack, cumulative for each of its locations once. O(frames of all
    /// samples).
    init(_ context: ReportContext) throws(CodeListingError) {
        let profile = context.profile
        weights = [Weight](repeating: Weight(), count: profile.locations.count)
        var lastSeen = [Int32](repeating: -1, count: profile.locations.count)
        for sample in profile.samples.indices {
            try context.checkCancellation(at: sample)
            let value = context.values.value(profile.samples, at: sample)
            let divisor = context.values.divisor(profile.samples, at: sample)
            if value == 0, divisor == 0 { continue }
            let range = profile.samples.locationRange(sample)
            for position in range {
                let location = Int(profile.samples.locations[position].rawValue)
                if position == range.lowerBound {
                    weights[location].flat &+= value
                    weights[location].flatDivisor &+= divisor
                }
                if lastSeen[location] == Int32(truncatingIfNeeded: sample) { continue }
                lastSeen[location] = Int32(truncatingIfNeeded: sample)
                weights[location].cumulative &+= value
                weights[location].cumulativeDivisor &+= divisor
            }
        }
    }
}

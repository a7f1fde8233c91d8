import MergedStacks
public import ProfileModel

/// The samples of one profile as a comparison sees them: what they weigh, how many they are, and which functions they
/// went through.
///
/// It is all that a comparison needs of a profile, so that the profile may go before the other is read. The stacks are
/// the profile's own, not copied.
public struct SampledStacks: Sendable {
    /// The names of the functions, each once: those of the same name are one, wherever their sources lie, because a
    /// path says more about who built a program than about what it does.
    let names: [String]
    /// The sum of all values.
    let total: Double
    /// The number of samples; nil if the profile does not say.
    let sampleCount: Int64?
    /// What values are multiplied with so that a sample weighs 1 on average: profiles of other rates are dealt together.
    private let weightOfUnit: Double

    private let locations: [LocationIndex]
    private let locationEnds: [Int]
    private let values: [Int64]
    private let valuesPerSample: Int
    private let valueIndex: Int
    private let counting: SampleCounting
    /// The functions of all locations behind each other, each innermost first.
    private var functions: [Int32]
    /// By location, the offset behind its last function.
    private let functionEnds: [Int]

    /// Reads `profile`, which has to be valid. O(samples + lines of all locations).
    ///
    /// - Parameter index: The position of the value that counts.
    public init(_ profile: Profile, sampleTypeIndex index: Int) {
        let table = FrameTable(profile)
        var names: [String] = []
        var known: [String: Int32] = [:]
        let numberOfFrame = table.frames.map { frame in
            if let number = known[frame.name] { return number }
            let number = Int32(names.count)
            names.append(frame.name)
            known[frame.name] = number
            return number
        }
        self.names = names
        functions = table.framesOfLocations.map { numberOfFrame[Int($0)] }
        functionEnds = table.ends
        (locations, locationEnds) = (profile.samples.locations, profile.samples.locationEnds)
        (values, valuesPerSample) = (profile.samples.values, profile.samples.valuesPerSample)
        valueIndex = index
        counting = SampleCounting(profile, sampleTypeIndex: index)
        var (total, countSum) = (0.0, Int64(0))
        var (isCounted, hasNegative) = (counting.isPossible, false)
        for start in stride(from: 0, to: values.count, by: valuesPerSample) where values[start + index] != 0 {
            let value = values[start + index]
            total += Double(value)
            hasNegative = hasNegative || value < 0
            let count = counting.count(values, at: start)
            isCounted = isCounted && count > 0
            countSum &+= count
        }
        self.total = total
        // Sums with values below 0, as in a difference of profiles, are no shares.
        sampleCount = isCounted && !hasNegative && countSum > 0 ? countSum : nil
        weightOfUnit = sampleCount.map { Double($0) / total } ?? 1
    }

    /// The same with other numbers for the functions. O(lines of all locations).
    func renumbered(_ numbers: [Int32]) -> SampledStacks {
        var renumbered = self
        renumbered.functions = functions.map { numbers[Int($0)] }
        return renumbered
    }

    /// Calls `visit` for each row, that is a sample whose value is not 0, with what it weighs, and how many samples were
    /// taken; 1 where that is not known. All weights together are the number of samples, where that is known, else `total`.
    @inline(__always)
    func forEachRow(_ visit: (_ row: Int, _ weight: Double, _ count: Int64) -> Void) {
        for row in locationEnds.indices {
            let value = values[row * valuesPerSample + valueIndex]
            if value == 0 { continue }
            visit(row, Double(value) * weightOfUnit, max(1, counting.count(values, at: row * valuesPerSample)))
        }
    }

    /// Calls `visit` for the function of each frame of a row, the leaf first: as often as it is there.
    @inline(__always)
    func forEachFrame(of row: Int, _ visit: (_ function: Int) -> Void) {
        for offset in (row == 0 ? 0 : locationEnds[row - 1])..<locationEnds[row] {
            let location = Int(locations[offset].rawValue)
            for position in (location == 0 ? 0 : functionEnds[location - 1])..<functionEnds[location] {
                visit(Int(functions[position]))
            }
        }
    }

    /// The function at the leaf of a row; nil of a stack without frames.
    @inline(__always)
    func leaf(of row: Int) -> Int? {
        let start = row == 0 ? 0 : locationEnds[row - 1]
        if start == locationEnds[row] { return nil }
        let location = Int(locations[start].rawValue)
        // Each location has a frame at least.
        return Int(functions[location == 0 ? 0 : functionEnds[location - 1]])
    }
}

/// How a profile says how many samples its values stand for.
private struct SampleCounting {
    /// The position of the sample type that counts samples.
    private var countIndex: Int?
    /// The position of the values, which are the number of samples times this.
    private var valueIndex: Int
    private var period: Int64 = 0

    init(_ profile: Profile, sampleTypeIndex: Int) {
        valueIndex = sampleTypeIndex
        // Go, gperftools and sprof call it `samples`, perf_to_profile `cycles_sample`. Other counts, as of allocations
        // or contentions, are estimates made from samples: they say nothing about how many there were.
        countIndex = profile.sampleTypes.firstIndex { type in
            let name = profile.string(type.type)
            return profile.string(type.unit) == "count"
                && (name == "samples" || name == "sample" || name.hasSuffix("_sample"))
        }
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
}

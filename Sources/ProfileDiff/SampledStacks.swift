import MergedStacks
import ProfileModel

/// The samples of one profile as a comparison sees them: what they weigh, how many they are, and which functions they
/// went through.
struct SampledStacks {
    /// By row, the sum of the value that is compared.
    private(set) var values: [Double] = []
    /// By row, how many samples were taken; 1 where that is not known.
    private(set) var counts: [Int64] = []
    /// By row, the function at the leaf; -1 of a stack without frames.
    private(set) var leaves: [Int32] = []
    /// The functions of all rows behind each other, each once per row.
    private(set) var functions: [Int32] = []
    /// By row, the offset behind its last function.
    private(set) var ends: [Int] = []
    /// The sum of all values.
    private(set) var total = 0.0
    /// The number of samples; nil if the profile does not say.
    private(set) var sampleCount: Int64?
    /// Whether any value is below 0, as in a difference of profiles: such sums are no shares.
    private(set) var hasNegative = false

    /// Reads `profile`, which has to be valid; samples whose value is 0 are passed over. O(frames of all samples).
    init(_ profile: Profile, sampleTypeIndex index: Int, numbers: inout FunctionNumbers) {
        let table = FrameTable(profile)
        let numberOfFrame = table.frames.map { numbers.number($0.name) }
        let counting = SampleCounting(profile, sampleTypeIndex: index)
        let (samples, width) = (profile.samples, profile.samples.valuesPerSample)
        let (locations, allValues) = (samples.locations, samples.values)
        var lastRow = [Int](repeating: -1, count: numbers.names.count)
        var isCounted = counting.isPossible
        var countSum: Int64 = 0
        for sample in samples.indices {
            let value = allValues[sample * width + index]
            if value == 0 { continue }
            let row = values.count
            hasNegative = hasNegative || value < 0
            values.append(Double(value))
            total += Double(value)
            let count = counting.count(of: sample, in: samples)
            isCounted = isCounted && count > 0
            countSum &+= count
            counts.append(max(1, count))
            var leaf: Int32 = -1
            for offset in samples.locationRange(sample) {
                let location = Int(locations[offset].rawValue)
                for position in (location == 0 ? 0 : table.ends[location - 1])..<table.ends[location] {
                    let number = numberOfFrame[Int(table.framesOfLocations[position])]
                    if leaf < 0 { leaf = number }
                    if lastRow[Int(number)] != row {
                        lastRow[Int(number)] = row
                        functions.append(number)
                    }
                }
            }
            leaves.append(leaf)
            ends.append(functions.count)
        }
        if isCounted, !hasNegative, countSum > 0 { sampleCount = countSum }
    }

    /// The functions of a row.
    func functions(of row: Int) -> ArraySlice<Int32> {
        functions[(row == 0 ? 0 : ends[row - 1])..<ends[row]]
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

    func count(of sample: Int, in samples: SampleTable) -> Int64 {
        if let countIndex { return samples.values[sample * samples.valuesPerSample + countIndex] }
        guard period > 0 else { return 0 }
        return samples.values[sample * samples.valuesPerSample + valueIndex] / period
    }
}

public import MergedStacks
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
    public let total: Double
    /// The number of samples; nil if the profile does not say.
    let sampleCount: Int64?
    /// Why there are shares of this profile, but no errors of them.
    let errorsMissing: MissingErrors?
    /// How much samples on the same stack may differ in what they weigh: the variance, in squares of the mean.
    let hiddenVariance: Double
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
    /// - Parameters:
    ///   - index: The position of the value that counts.
    ///   - detail: What is compared: functions, lines or files.
    public init(_ profile: Profile, sampleTypeIndex index: Int, detail: FrameTable.Detail = .functions) {
        let table = FrameTable(profile, detail: detail)
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
        let rows = RowSums(values, valuesPerSample: valuesPerSample, valueIndex: index, counting)
        total = rows.total
        sampleCount = rows.errorsMissing == nil ? rows.count : nil
        weightOfUnit = rows.errorsMissing == nil ? Double(rows.count) / rows.total : 1
        hiddenVariance = rows.errorsMissing == nil ? rows.hiddenVariance(weightOfUnit: weightOfUnit) : 0
        errorsMissing = rows.errorsMissing ?? (hiddenVariance > WeightSpread.most ? .unequalWeights : nil)
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

/// What is known of the rows of a profile before they are compared.
private struct RowSums {
    private(set) var total = 0.0
    private(set) var count: Int64 = 0
    /// Why samples are not counted, or shares no parts of a whole.
    private(set) var errorsMissing: MissingErrors?

    private let values: [Int64]
    private let valuesPerSample: Int
    private let valueIndex: Int
    private let counting: SampleCounting

    init(_ values: [Int64], valuesPerSample: Int, valueIndex: Int, _ counting: SampleCounting) {
        (self.values, self.valuesPerSample) = (values, valuesPerSample)
        (self.valueIndex, self.counting) = (valueIndex, counting)
        var (isCounted, hasNegative) = (counting.isPossible, false)
        for start in stride(from: 0, to: values.count, by: valuesPerSample) where values[start + valueIndex] != 0 {
            let value = values[start + valueIndex]
            total += Double(value)
            hasNegative = hasNegative || value < 0
            let samples = counting.count(values, at: start)
            isCounted = isCounted && samples > 0 && samples <= SampleCounting.most - count
            if isCounted { count += samples }
        }
        // Sums with values below 0, as in a difference of profiles, are no shares.
        errorsMissing = hasNegative ? .negativeValues : total == 0 ? .nothingMeasured : isCounted ? nil : .notCounted
    }

    func hiddenVariance(weightOfUnit: Double) -> Double {
        var spread = WeightSpread(weightOfUnit: weightOfUnit)
        for start in stride(from: 0, to: values.count, by: valuesPerSample) where values[start + valueIndex] != 0 {
            spread.add(
                weight: Double(values[start + valueIndex]) * weightOfUnit, count: counting.count(values, at: start))
        }
        return spread.hiddenVariance
    }
}

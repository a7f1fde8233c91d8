import ProfileModel

/// The numbers of each sample that a tree adds up: its values, and those of a base apart.
struct SampleColumns {
    /// The numbers per sample.
    let count: Int
    /// Whether any sample is marked as one of a base.
    let hasBase: Bool

    private let values: [Int64]
    private let valuesPerSample: Int
    private let isBase: [Bool]
    /// By value, what to multiply it with for its share of the total.
    private let shares: [Double]

    init(_ profile: Profile) {
        let samples = profile.samples
        values = samples.values
        valuesPerSample = samples.valuesPerSample
        isBase = Self.baseMarks(profile)
        hasBase = isBase.contains(true)
        count = valuesPerSample * (hasBase ? 2 : 1)
        var totals = [Double](repeating: 0, count: valuesPerSample)
        for (position, value) in samples.values.enumerated() {
            totals[position % valuesPerSample] += Double(value).magnitude
        }
        shares = totals.map { $0 > 0 ? 1 / $0 : 0 }
    }

    /// How large a sample looks: the sum of its shares of each sample type.
    func size(of sample: Int) -> Double {
        var size = 0.0
        for index in 0..<valuesPerSample {
            size += Double(values[sample * valuesPerSample + index]).magnitude * shares[index]
        }
        return size
    }

    /// Adds the numbers of `sample` to the `count` numbers of `sums` from `offset` on.
    func add(_ sample: Int, to sums: inout [Int64], at offset: Int) {
        let first = sample * valuesPerSample
        if hasBase, isBase[sample] {
            let base = offset + valuesPerSample
            for index in 0..<valuesPerSample { sums[base + index] &-= values[first + index] }
        } else {
            for index in 0..<valuesPerSample { sums[offset + index] &+= values[first + index] }
        }
    }

    /// By sample, whether it carries the label that pprof puts on the base of `-diff_base`.
    private static func baseMarks(_ profile: Profile) -> [Bool] {
        var marks = [Bool](repeating: false, count: profile.samples.count)
        guard let key = profile.strings.identifier(of: "pprof::base") else { return marks }
        let (labels, ends) = (profile.samples.labels, profile.samples.labelEnds)
        var start = 0
        for (sample, end) in ends.enumerated() {
            for position in start..<end where labels[position].key == key { marks[sample] = true }
            start = end
        }
        return marks
    }
}

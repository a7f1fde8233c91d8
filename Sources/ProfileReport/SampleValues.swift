public import ProfileModel

/// Which of a sample's values a report counts.
///
/// Facts: github.com/google/pprof `profile/index.go`, `internal/driver/driver.go` and `internal/report/report.go`
/// (`computeTotal`).
public struct SampleValues: Sendable, Equatable {
    /// The position of the sample type.
    public let index: Int
    /// Whether values are divided by the sample's first value.
    public let isMean: Bool
    /// What is counted: `cpu`, or `mean_cpu`.
    public let type: String
    /// The unit of the values in the profile.
    public let unit: String

    /// The choice that `options` make for `profile`: of `sample_index` and `mean`.
    ///
    /// A number is a position. `inuse_space` finds `space` too. Without a choice the profile's default counts, or its
    /// last.
    public init(_ profile: Profile, _ options: ReportOptions) throws(ReportError) {
        guard let defaultIndex = profile.defaultSampleTypeIndex else { throw .noSampleTypes }
        index = try Self.index(of: options.sampleIndex, in: profile) ?? defaultIndex
        isMean = options.mean
        let chosen = profile.sampleTypes[index]
        type = (options.mean ? "mean_" : "") + profile.string(chosen.type)
        unit = profile.string(chosen.unit)
    }

    private static func index(of choice: String, in profile: Profile) throws(ReportError) -> Int? {
        if choice.isEmpty { return nil }
        let names = profile.sampleTypes.map { profile.string($0.type) }
        if let position = Int(choice) {
            guard names.indices.contains(position) else {
                throw .sampleIndexOutOfRange(choice, typeCount: names.count)
            }
            return position
        }
        let withoutPrefix = choice.hasPrefix("inuse_") ? String(choice.dropFirst(6)) : choice
        guard let position = names.firstIndex(where: { $0 == choice || $0 == withoutPrefix }) else {
            throw .unknownSampleIndex(choice, types: names)
        }
        return position
    }

    /// The value of the sample at `position`.
    @inlinable
    public func value(_ samples: SampleTable, at position: Int) -> Int64 {
        samples.values[position * samples.valuesPerSample + index]
    }

    /// What the value of the sample at `position` is to be divided by for the mean; 0 if not at all.
    @inlinable
    public func divisor(_ samples: SampleTable, at position: Int) -> Int64 {
        isMean ? samples.values[position * samples.valuesPerSample] : 0
    }

    /// The sum over all samples without their signs, or over those of the base of a comparison if there are any, that is
    /// samples labelled `pprof::base`. Percentages are of this. O(samples and their labels).
    public func total(of profile: Profile) -> Int64 {
        let samples = profile.samples
        let (values, width) = (samples.values, samples.valuesPerSample)
        let base = Self.baseLabel(of: profile)
        var (sum, divisor) = (Int64(0), Int64(0))
        var (baseSum, baseDivisor) = (Int64(0), Int64(0))
        for position in samples.indices {
            let value = absolute(values[position * width + index])
            let divides = isMean ? values[position * width] : 0
            sum &+= value
            divisor &+= divides
            if let base, samples.labels[samples.labelRange(position)].contains(base) {
                baseSum &+= value
                baseDivisor &+= divides
            }
        }
        if baseSum > 0 { (sum, divisor) = (baseSum, baseDivisor) }
        return divisor == 0 ? sum : quotient(sum, divisor)
    }

    /// The label that marks samples of the base of a comparison.
    static func baseLabel(of profile: Profile) -> Label? {
        guard let key = profile.strings.identifier(of: "pprof::base"),
            let value = profile.strings.identifier(of: "true")
        else { return nil }
        return Label(key: key, string: value)
    }
}

/// The absolute value; of the smallest number, for which there is none, the number itself, as in Go.
func absolute(_ value: Int64) -> Int64 {
    value < 0 ? 0 &- value : value
}

/// The quotient without its fraction; the one that does not fit is the dividend, as in Go. The divisor is not 0.
func quotient(_ dividend: Int64, _ divisor: Int64) -> Int64 {
    dividend.dividedReportingOverflow(by: divisor).partialValue
}

/// `value` without its fraction; what does not fit is the smallest number, as Go has it on x86-64.
func truncated(_ value: Double) -> Int64 {
    Int64(exactly: value.rounded(.towardZero)) ?? .min
}

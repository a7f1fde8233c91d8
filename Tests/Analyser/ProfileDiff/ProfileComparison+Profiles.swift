import ProfileDiff
import ProfileModel

extension ProfileComparison {
    /// Compares the values of two profiles at one position.
    init(
        before: Profile, after: Profile, sampleTypeIndex: Int = 0, conditions: [FailCondition] = [],
        options: Options = Options()
    ) {
        self.init(
            before: SampledStacks(before, sampleTypeIndex: sampleTypeIndex),
            after: SampledStacks(after, sampleTypeIndex: sampleTypeIndex), conditions: conditions, options: options)
    }
}

/// Why shares can be compared, but not said how exact they are.
public enum MissingErrors: String, Sendable {
    /// The values are all 0.
    case nothingMeasured = "nothing was measured"
    /// No sample type counts the samples, or counts what cannot be.
    case notCounted = "not both profiles count their samples"
    /// There are values below 0, as in a difference of profiles.
    case negativeValues = "there are values below 0"
    /// Samples on the same stack, of which only the sum is there, weigh too differently.
    case unequalWeights = "the samples weigh differently, and a profile has only their sums"
}

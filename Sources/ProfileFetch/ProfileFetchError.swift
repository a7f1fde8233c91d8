/// Why no profile came out of the sources, in pprof's words.
public enum ProfileFetchError: Error, Hashable, Sendable, CustomStringConvertible {
    /// None of the sources gave a profile; each was told of by itself.
    case noSource
    /// None of the bases did.
    case noBase
    /// Profiles cannot be put together.
    case incompatible(String)
    /// The client certificate is stated by half.
    case certificate(String)

    /// The problem, for a reader.
    public var description: String {
        switch self {
        case .noSource: "failed to fetch any source profiles"
        case .noBase: "failed to fetch any base profiles"
        case .incompatible(let problem), .certificate(let problem): problem
        }
    }
}

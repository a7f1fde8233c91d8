/// How much of a function's name is shown; what pprof's `-symbolize=demangle=` chooses.
public enum NameDetail: Sendable {
    /// Without parameters and the arguments of templates.
    case short
    /// Without parameters.
    case templates
    /// All of it.
    case full
}

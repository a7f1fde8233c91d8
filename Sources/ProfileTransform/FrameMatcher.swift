import ProfileModel
import RegularExpressions

/// Which functions and mappings of a profile a regular expression matches.
///
/// Each distinct string is matched once, however many functions, locations and samples have it; after that a question
/// costs a look into an array.
struct FrameMatcher {
    /// By function, whether its name or its file matches.
    let functions: [Bool]
    /// By mapping, whether its file matches.
    let mappings: [Bool]

    init(_ expression: RegularExpression, _ profile: Profile) {
        var strings = StringMatcher(expression, profile)
        functions = profile.functions.map { strings.matches($0.name) || strings.matches($0.filename) }
        mappings = profile.mappings.map { strings.matches($0.filename) }
    }

    /// Whether the file that `location` is mapped from matches.
    func matchesMapping(of location: Location) -> Bool {
        location.mapping.map { mappings[Int($0.rawValue)] } ?? false
    }

    /// Whether the function of `line` matches.
    func matches(_ line: Line) -> Bool {
        functions[Int(line.function.rawValue)]
    }

    /// Whether anything at `location` matches.
    func matches(_ location: Location) -> Bool {
        location.lines.contains(where: matches) || matchesMapping(of: location)
    }
}

/// Matches strings of a profile, each once.
struct StringMatcher {
    private let expression: RegularExpression
    private let profile: Profile
    private var known: [Bool?]

    init(_ expression: RegularExpression, _ profile: Profile) {
        self.expression = expression
        self.profile = profile
        known = Array(repeating: nil, count: profile.strings.count)
    }

    mutating func matches(_ string: StringID) -> Bool {
        if let answer = known[Int(string.rawValue)] { return answer }
        let answer = expression.matches(profile.string(string))
        known[Int(string.rawValue)] = answer
        return answer
    }
}

public import RegularExpressions

/// A limit on what a comparison may show: `cum(regex)>5%`, `growth(regex)>2pp`.
///
///     condition  = measure "(" expression ")" comparison number unit
///     measure    = "flat" | "cum" | "growth" | "flatgrowth"
///     comparison = ">" | ">=" | "<" | "<="
///     unit       = "%" for flat and cum, "pp" (percentage points) for growth and flatgrowth
///
/// The expression is RE2's and may hold parentheses: the last `)` before the comparison ends it. It means all functions
/// whose name it matches, together: a sample counts once, however many of them are on its stack. `flat` and `cum` are
/// shares of the second profile, `growth` is how far the share of `cum` rose from the first to the second, `flatgrowth`
/// that of `flat`.
public struct FailCondition: Sendable {
    /// What is measured.
    public enum Measure: String, Sendable, CaseIterable {
        case flat
        case cum
        case growth
        case flatGrowth = "flatgrowth"

        /// Whether it is a difference of shares.
        public var isGrowth: Bool { self == .growth || self == .flatGrowth }
        /// Whether only samples count whose leaf matches.
        var isFlat: Bool { self == .flat || self == .flatGrowth }
        /// The unit of the limit.
        public var unit: String { isGrowth ? "pp" : "%" }
    }

    /// How what is measured compares with the limit when the condition holds.
    public enum Comparison: String, Sendable {
        case greater = ">"
        case greaterOrEqual = ">="
        case less = "<"
        case lessOrEqual = "<="
    }

    /// The condition as it was written.
    public let text: String
    /// What is measured.
    public let measure: Measure
    /// The functions whose share counts.
    public let expression: RegularExpression
    /// When the condition holds.
    public let comparison: Comparison
    /// The limit, as a part of 1.
    public let limit: Double

    /// Why a text is no condition.
    public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        /// The reason, and what would be right.
        public let description: String
    }

    /// The condition in `text`; spaces around its parts do not matter.
    public init(_ text: String) throws(Malformed) {
        self.text = text
        guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close else {
            throw Self.malformed(text, "there is no (expression)")
        }
        let name = Self.trimmed(text[..<open])
        guard let measure = Measure(rawValue: name) else {
            let known = Measure.allCases.map(\.rawValue).joined(separator: ", ")
            throw Self.malformed(text, "what is measured must be one of \(known)")
        }
        self.measure = measure
        let pattern = text[text.index(after: open)..<close]
        do {
            expression = try RegularExpression(String(pattern))
        } catch {
            throw Self.malformed(text, error.description)
        }
        var rest = Self.trimmed(text[text.index(after: close)...])
        let sign = rest.prefix { "<>=".contains($0) }
        guard let comparison = Comparison(rawValue: String(sign)) else {
            throw Self.malformed(text, "behind the expression there must be >, >=, < or <=")
        }
        self.comparison = comparison
        rest = Self.trimmed(rest.dropFirst(sign.count))
        guard rest.hasSuffix(measure.unit) else {
            throw Self.malformed(text, "a limit of \(measure.rawValue) ends in \(measure.unit)")
        }
        let number = Self.trimmed(rest.dropLast(measure.unit.count))
        guard let limit = Double(number), limit.isFinite, number.utf8.allSatisfy({ Self.isNumeric($0) }) else {
            throw Self.malformed(text, "\(number) is no number")
        }
        self.limit = limit / 100
    }

    /// What is measured of which functions: `cum(regex)`.
    public var subject: String { "\(measure.rawValue)(\(expression.pattern))" }

    /// Whether `value`, a part of 1, makes the condition hold.
    func holds(_ value: Double) -> Bool {
        switch comparison {
        case .greater: value > limit
        case .greaterOrEqual: value >= limit
        case .less: value < limit
        case .lessOrEqual: value <= limit
        }
    }

    private static func malformed(_ text: String, _ reason: String) -> Malformed {
        Malformed(description: "'\(text)' is no condition: \(reason); examples: cum(regex)>5%, growth(regex)>2pp")
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "-")
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let start = text.drop { $0 == " " }
        return String(String(start).reversed().drop { $0 == " " }.reversed())
    }
}

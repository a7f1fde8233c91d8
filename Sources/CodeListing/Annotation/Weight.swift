/// What samples stand for, in the report's unit before formatting, and the divisors of a mean.
struct Weight: Hashable {
    var flat: Int64 = 0
    var flatDivisor: Int64 = 0
    var cumulative: Int64 = 0
    var cumulativeDivisor: Int64 = 0

    /// What is shown as flat: a mean where there is a divisor.
    var flatValue: Int64 { flatDivisor == 0 ? flat : flat.dividedReportingOverflow(by: flatDivisor).partialValue }
    /// What is shown as cumulative.
    var cumulativeValue: Int64 {
        cumulativeDivisor == 0 ? cumulative : cumulative.dividedReportingOverflow(by: cumulativeDivisor).partialValue
    }

    /// Whether nothing was measured.
    var isZero: Bool { flat == 0 && cumulative == 0 }

    static func += (left: inout Weight, right: Weight) {
        left.flat &+= right.flat
        left.flatDivisor &+= right.flatDivisor
        left.cumulative &+= right.cumulative
        left.cumulativeDivisor &+= right.cumulativeDivisor
    }
}

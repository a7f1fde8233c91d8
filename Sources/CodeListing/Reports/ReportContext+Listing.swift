import Primitives
import ProfileModel
import ProfileReport

/// How listings write values: each in a unit of its own, as their totals have it, unless the user names one.
extension ReportContext {
    /// `value` in the report's unit.
    func format(_ value: Int64) -> String { format(value, in: options.unit) }

    /// `value` in the report's unit, or a dot for nothing.
    func formatOrDot(_ value: Int64) -> String { value == 0 ? "." : format(value) }

    /// Throws if nobody waits for the listing any more; asks at every 1 024th sample.
    func checkCancellation(at sample: Int) throws(CodeListingError) {
        if sample % 1024 == 0, cancellation.isRequested { throw .cancelled }
    }

    /// The part of the total that `value` is.
    func percentage(_ value: Int64) -> String { Measurement.percentage(value, of: total) }

    /// The line under a routine's title.
    func sums(flat: Int64, cumulative: Int64) -> String {
        padded(format(flat), to: 10) + " " + padded(format(cumulative), to: 10) + " (flat, cum) "
            + percentage(cumulative) + " of Total\n"
    }
}

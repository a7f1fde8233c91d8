import Glibc
import Primitives
import ProfileModel
import Testing

@Suite struct MeasurementTests {
    @Test func `numbers round as printf rounds them`() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            // Many near the middle between two results.
            let number = Int64(random.below(2_000_000)) * (random.below(2) == 0 ? 5 : 1)
            let total = Int64(1 + random.below(4_000_000)) * (random.below(3) == 0 ? 1000 : 1)
            let label = Measurement.label(number, from: "ns", to: "us")
            let expected = Self.trimmed(Self.printf("%.2f", Double(number) / 1000))
            #expect(label == (expected == "0" ? "0" : expected + "us"))
            let ratio = Double(number) / Double(total) * 100
            let share =
                ratio >= 99.95 && ratio <= 100.05 ? "  100" : Self.printf(ratio >= 1 ? "%5.2f" : "%5.2g", ratio)
            #expect(Measurement.percentage(number, of: total) == share + "%")
        }
    }

    @Test(arguments: [
        (0, "ns", "auto", "0"), (999, "ns", "auto", "999ns"), (1500, "ns", "auto", "1.50us"),
        (-1500, "ns", "auto", "-1.50us"),
        (90, "minutes", "auto", "90"), (7_200_000, "ms", "minimum", "2hrs"), (1 << 20, "bytes", "auto", "1MB"),
        (1023, "B", "kb", "1kB"), (5, "count", "bananas", "5bananas"), (5, "count", "auto", "5"),
        (1_500_000, "gcu", "auto", "1.50M*GCU"), (1_500_000, "gcu", "M*GCU", "1500000GCU"),
        (3, "ms", "bananas", "0"),
        (Int64.min, "ns", "ns", "-9223372036854775808ns"), (1, "ns", "hrs", "0"),
    ]) func `values are labelled as pprof labels them`(value: Int64, from: String, to: String, label: String) {
        #expect(Measurement.label(value, from: from, to: to) == label)
    }

    private static func printf(_ pattern: String, _ number: Double) -> String {
        var buffer = [CChar](repeating: 0, count: 400)
        let length = withVaList([number]) { vsnprintf(&buffer, buffer.count, pattern, $0) }
        return String(decoding: buffer[..<Int(length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func trimmed(_ text: String) -> String { text.hasSuffix(".00") ? String(text.dropLast(3)) : text }
}

import Recorder
import Testing

@testable import sprof

/// The values of options, and numbers as they are printed.
@Suite struct ArgumentTests {
    @Test(
        "A span of time is read as Go's tools write it",
        arguments: [
            ("30s", 30_000_000_000 as UInt64), ("500ms", 500_000_000), ("2m", 120_000_000_000), ("30", 30_000_000_000),
            ("1h30m", 5_400_000_000_000), ("0.5", 500_000_000), ("1.5s", 1_500_000_000), ("10us", 10_000), ("1ns", 1),
        ])
    func durations(text: String, nanoseconds: UInt64) {
        #expect(DurationArgument(argument: text)?.nanoseconds == nanoseconds)
    }

    @Test(
        "What is no positive span of time is refused",
        arguments: [
            "", "0", "0s", "-1s", "s", "1x", "1 s", "1s5", "5 ", "nan", "inf", "1e9999", "9999999h", "1..5s", "٣s",
        ])
    func badDurations(text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }

    @Test(
        "A number of bytes may have a binary unit",
        arguments: [("65528", 65_528), ("64k", 65_536), ("8M", 8 << 20), ("1GiB", 1 << 30), ("0", 0), ("12b", 12)])
    func byteCounts(text: String, bytes: Int) {
        #expect(ByteCountArgument(argument: text)?.bytes == bytes)
    }

    @Test(
        "What is no number of bytes is refused",
        arguments: ["", "k", "-1", "1.5M", "8T", "99999999999999999999", "9999999999G", "8 M"])
    func badByteCounts(text: String) {
        #expect(ByteCountArgument(argument: text) == nil)
    }

    @Test("A frequency is a positive number or max")
    func frequencies() {
        #expect(FrequencyArgument(argument: "99")?.rate == .frequency(99))
        #expect(FrequencyArgument(argument: "max")?.rate == .maximumFrequency)
        for text in ["", "0", "-1", "1.5", "maximum", "1000001", "99999999999999999999"] {
            #expect(FrequencyArgument(argument: text) == nil, "\(text)")
        }
    }

    @Test("A list of ids has positive numbers only")
    func identifiers() {
        #expect(IDList(argument: "1")?.values == [1])
        #expect(IDList(argument: "12,34")?.values == [12, 34])
        for text in ["", ",", "1,", "0", "-5", "1,x", "99999999999", "1 ,2"] {
            #expect(IDList(argument: text) == nil, "\(text)")
        }
    }

    @Test("Quantities read as in a sentence")
    func quantities() {
        #expect(Quantity.duration(0) == "0 µs")
        #expect(Quantity.duration(999_999) == "999 µs")
        #expect(Quantity.duration(45_000_000) == "45 ms")
        #expect(Quantity.duration(12_345_000_000) == "12.35 s")
        #expect(Quantity.duration(125_000_000_000) == "2 min 5 s")
        #expect(Quantity.bytes(512) == "512 B")
        #expect(Quantity.bytes(12_595) == "12.3 KB")
        #expect(Quantity.bytes(4 << 20) == "4.0 MB")
        #expect(Quantity.bytes(.max) == "17179869184.0 GB")
        #expect(Quantity.count(1, "sample") == "1 sample")
        #expect(Quantity.count(0, "sample") == "0 samples")
        #expect(Quantity.count(1_234_567, "sample") == "1 234 567 samples")
        #expect(Quantity.count(2, "process") == "2 processes")
        #expect(Quantity.count(2, "address") == "2 addresses")
    }

    @Test("A share below one is never shown as 100 %")
    func percents() {
        #expect(Quantity.percent(1) == "100 %")
        #expect(Quantity.percent(0) == "0 %")
        #expect(Quantity.percent(0.99999) == "99.99 %")
        #expect(Quantity.percent(0.9895) == "98.95 %")
        #expect(Quantity.percent(0.00001) == "0.00 %")
        #expect(Quantity.decimal(-0.04, 1) == "0.0")
        #expect(Quantity.decimal(-1.25, 1) == "-1.3")
        #expect(Quantity.decimal(.nan, 1) == "nan")
        #expect(Quantity.decimal(.infinity, 1) == "inf")
    }
}

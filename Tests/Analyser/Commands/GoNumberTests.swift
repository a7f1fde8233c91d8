import Testing

@testable import PprofCommands

@Suite struct GoNumberTests {
    @Test(
        "A number is printed as Go prints it",
        arguments: [
            (0.005, "0.005"), (1, "1"), (0.001, "0.001"), (1e-5, "1e-05"), (1.5e-7, "1.5e-07"),
            (123_456.75, "123456.75"),
            (1e20, "1e+20"), (1e21, "1e+21"), (1e6, "1e+06"), (999_999, "999999"),
            (123_456_789.123, "1.23456789123e+08"), (-1_234_567, "-1.234567e+06"), (-2.5, "-2.5"), (0, "0"),
            (1e100, "1e+100"),
            (0.0001, "0.0001"), (100, "100"), (1.25e22, "1.25e+22"),
        ])
    func numbers(value: Double, text: String) {
        #expect(GoNumber.text(value) == text)
    }

    @Test("What is no number is refused with the words of strconv")
    func badNumbers() {
        #expect(message { _ = try GoNumber.integer("x") } == "strconv.Atoi: parsing \"x\": invalid syntax")
        #expect(message { _ = try GoNumber.integer("") } == "strconv.Atoi: parsing \"\": invalid syntax")
        #expect(message { _ = try GoNumber.integer("1_0") } == "strconv.Atoi: parsing \"1_0\": invalid syntax")
        #expect(
            message { _ = try GoNumber.integer("99999999999999999999") }
                == "strconv.Atoi: parsing \"99999999999999999999\": value out of range")
        #expect(message { _ = try GoNumber.number("1..2") } == "strconv.ParseFloat: parsing \"1..2\": invalid syntax")
        #expect(
            message { _ = try GoNumber.number("1e999") } == "strconv.ParseFloat: parsing \"1e999\": value out of range")
        #expect(
            message { _ = try GoNumber.number("nan(1)") } == "strconv.ParseFloat: parsing \"nan(1)\": invalid syntax")
    }

    @Test("Flags take whole numbers in every base of Go")
    func flagIntegers() throws {
        #expect(try GoNumber.flagInteger("0x1F") == 31)
        #expect(try GoNumber.flagInteger("-010") == -8)
        #expect(try GoNumber.flagInteger("0b101") == 5)
        #expect(try GoNumber.flagInteger("0o17") == 15)
        #expect(try GoNumber.flagInteger("0") == 0)
        #expect(try GoNumber.flagInteger("1_000") == 1000)
        #expect(try GoNumber.flagInteger("0x_1F") == 31)
        #expect(throws: FlagValueError.syntax) { try GoNumber.flagInteger("1__0") }
        #expect(throws: FlagValueError.syntax) { try GoNumber.flagInteger("08") }
        #expect(throws: FlagValueError.syntax) { try GoNumber.flagInteger("0x") }
        #expect(throws: FlagValueError.syntax) { try GoNumber.flagInteger("--1") }
        #expect(throws: FlagValueError.range) { try GoNumber.flagInteger("9223372036854775808") }
    }

    @Test(
        "Underscores may divide the digits of a number",
        arguments: [
            ("1_000", 1000), ("1_0.5", 10.5), ("0x_1p4", 16), ("0x1_0p2", 64), ("1e1_0", 1e10), ("_1", nil),
            ("1_", nil),
            ("1__0", nil), ("1_e5", nil), ("0x10", nil),
        ] as [(String, Double?)])
    func underscores(text: String, value: Double?) {
        #expect((try? GoNumber.number(text)) == value)
    }

    private func message(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return "\(error)"
        }
    }
}

import ProfileReport
import Testing

@testable import PprofCommands

@Suite struct OptionFieldTests {
    @Test("Every option has pprof's name, and its value survives being printed and read")
    func roundTrip() throws {
        #expect(Set(OptionField.all.map(\.name)).count == OptionField.all.count)
        #expect(OptionField.all.count == 33)
        let samples = [
            "true", "7", "0.25", "some text", "cum", "lines",
        ]
        for field in OptionField.all {
            var accepted = 0
            for sample in samples {
                var options = ReportOptions()
                guard (try? field.set(sample, in: &options)) != nil else { continue }
                accepted += 1
                let printed = field.text(in: options)
                var again = ReportOptions()
                try field.set(printed, in: &again)
                #expect(again == options, "\(field.name)")
                #expect(printed == sample || field.isTruth || field.name == "divide_by", "\(field.name)")
            }
            #expect(accepted > 0, "\(field.name) takes nothing")
        }
    }

    @Test("An option that is set is no other option")
    func independence() throws {
        for field in OptionField.all {
            var options = ReportOptions()
            let value = field.choices.last ?? (field.isTruth ? (field.name == "trim" ? "false" : "true") : "3")
            try field.set(value == "flat" ? "cum" : value, in: &options)
            let changed = OptionField.all.filter { $0.text(in: options) != $0.text(in: ReportOptions()) }.map(\.name)
            #expect(changed == [field.name])
        }
    }

    @Test("A choice is a name of its option, and stands alone only where that is allowed")
    func choices() throws {
        var options = ReportOptions()
        try OptionField.set("cum", to: "1", in: &options)
        #expect(options.sort == .cum)
        #expect(throws: OptionError.unknown("lines")) { try OptionField.set("lines", to: "", in: &options) }
        #expect(throws: OptionError.unknown("lines")) {
            try OptionField.set("lines", to: "0", in: &options, lenient: true)
        }
        try OptionField.set("lines", to: "", in: &options, lenient: true)
        #expect(options.granularity == .lines)
        #expect(throws: OptionError.notAChoice(option: "sort", value: "x")) {
            try OptionField.set("sort", to: "x", in: &options)
        }
        #expect(throws: OptionError.unknown("nothing")) { try OptionField.set("nothing", to: "1", in: &options) }
    }
}

import Foundation
import Primitives
import ProfileDiff
import ProfileModel
import Testing

/// Profiles whose samples do not weigh the same, of which a row has only the sum.
@Suite struct UnequalWeightsTests {
    /// 400 samples on equally likely functions whose weights are lognormal with this σ.
    private func recording(
        _ sigma: Double, functions: Int, isMerged: Bool, _ random: inout SeededGenerator
    ) -> Profile {
        func fraction() -> Double { Double(random.next() >> 11) * 0x1p-53 }
        var rows: [(function: Int, count: Int64, weight: Int64)] = []
        var merged = (0..<functions).map { (function: $0, count: Int64(0), weight: Int64(0)) }
        for _ in 0..<400 {
            let function = Int(fraction() * Double(functions))
            let normal = (-2 * log(1 - fraction())).squareRoot() * cos(2 * .pi * fraction())
            let weight = Int64(1000 * exp(sigma * normal)) + 1
            rows.append((function, 1, weight))
            merged[function].count += 1
            merged[function].weight += weight
        }
        return profile(
            ["samples", "page-faults"],
            (isMerged ? merged : rows).map { row in ("main;f\(row.function)", [row.count, row.weight]) })
    }

    private func profile(_ types: [String], _ rows: [(String, [Int64])]) -> Profile {
        var profile = StackFixture.profile(rows.map { ($0.0, 1) })
        let samples = profile.samples
        profile.setPeriod(0, type: "", unit: "")
        profile.samples = SampleTable(valuesPerSample: types.count)
        let unit = profile.intern("count")
        profile.setSampleTypes(types.map { ValueType(type: profile.intern($0), unit: unit) })
        for (sample, row) in zip(samples, rows) {
            profile.addSample(locations: Array(sample.locations), values: row.1)
        }
        return profile
    }

    private func alarms(_ sigma: Double, functions: Int = 8, isMerged: Bool, of count: Int) -> (
        alarms: Int, judged: Int
    ) {
        var random = SeededGenerator(seed: 11)
        var (alarms, judged) = (0, 0)
        var options = ProfileComparison.Options()
        options.dealings = 399
        for _ in 0..<count {
            let comparison = ProfileComparison(
                before: recording(sigma, functions: functions, isMerged: isMerged, &random),
                after: recording(sigma, functions: functions, isMerged: isMerged, &random), sampleTypeIndex: 1,
                options: options)
            if comparison.errorsMissing == nil { judged += 1 }
            if comparison.entries.contains(where: { $0.flat.isSignificant || $0.cum.isSignificant }) { alarms += 1 }
        }
        return (alarms, judged)
    }

    @Test(arguments: [0.7, 1.5])
    func `sums of very different weights are not judged`(sigma: Double) {
        let result = alarms(sigma, isMerged: true, of: 50)
        #expect(result.alarms == 0 && result.judged == 0, "\(result)")
    }

    @Test(arguments: [(0.1, 8, true), (0.25, 60, true), (0.4, 60, false)])
    func `sums of somewhat different weights are judged with wider errors`(
        sigma: Double, functions: Int, isAlways: Bool
    ) {
        let result = alarms(sigma, functions: functions, isMerged: true, of: 200)
        // At the level of 5 %, more than 18 of 200 is less likely than 1 in 100.
        #expect(result.alarms <= 18, "\(result)")
        #expect(isAlways ? result.judged == 200 : result.judged > 20, "\(result)")
    }

    @Test func `weights that are each in a row of their own are judged, however different`() {
        let result = alarms(1, isMerged: false, of: 100)
        #expect(result.judged == 100 && result.alarms <= 12, "\(result)")
    }

    @Test func `a growth past its limit is undecided where weights differ, and a share is not`() throws {
        let types = ["samples", "page-faults"]
        let before = profile(types, [("a", [10, 10]), ("b", [10, 3000]), ("c", [10, 90])])
        let after = profile(types, [("a", [10, 4000]), ("b", [10, 3000]), ("c", [10, 90])])
        let conditions = try ["growth(a)>2pp", "growth(a)>90pp", "cum(a)>5%"].map {
            text throws(FailCondition.Malformed) in
            try FailCondition(text)
        }
        let comparison = ProfileComparison(
            before: before, after: after, sampleTypeIndex: 1, conditions: conditions)
        #expect(comparison.errorsMissing == .unequalWeights)
        #expect(comparison.findings.map(\.isUndecided) == [true, false, false])
        #expect(comparison.findings.map(\.fails) == [false, false, true])
        #expect(comparison.entries.allSatisfy { $0.flat.error == nil && $0.cum.probability == nil })
        let table = ComparisonTable(
            comparison, labels: .init(before: "a", after: "b", type: "page-faults", unit: "count"),
            sortsByCum: false, limit: 0)
        #expect(table.render().contains("the samples weigh differently"))
        #expect(table.json.text.contains(#""errors_missing":"the samples weigh differently"#))
    }

    @Test(
        arguments: [
            (
                ["cycles_sample", "cycles_event", "instructions_sample", "instructions_event"], 3,
                [9, 9_000, 4, 4_000], 4
            ),
            (
                ["cycles_sample", "cycles_event", "instructions_sample", "instructions_event"], 1,
                [9, 9_000, 4, 4_000], 9
            ),
            (
                ["cycles_sample", "cycles_event", "instructions_sample", "instructions_event"], 2,
                [9, 9_000, 4, 4_000], 4
            ),
            (["cpu-clock_samples", "cpu", "page-faults_samples", "page-faults"], 1, [9, 9_000, 4, 4_000], 9),
            (["cpu-clock_samples", "cpu", "page-faults_samples", "page-faults"], 3, [9, 9_000, 4, 4_000], 4),
            (["samples", "page-faults"], 1, [9, 9_000], 9),
        ] as [([String], Int, [Int64], Int64)])
    func `samples are counted by the count of their own event`(
        types: [String], index: Int, values: [Int64], expected: Int64
    ) {
        let profile = profile(types, [("a", values), ("b", values)])
        let comparison = ProfileComparison(before: profile, after: profile, sampleTypeIndex: index)
        #expect(comparison.before.sampleCount == expected * 2)
    }

    @Test func `the count of another event is not taken`() {
        let profile = profile(["cycles_sample", "instructions_event"], [("a", [9, 9_000]), ("b", [9, 9_000])])
        let comparison = ProfileComparison(before: profile, after: profile, sampleTypeIndex: 1)
        #expect(comparison.errorsMissing == .notCounted)
    }

    @Test func `counts that cannot be are no counts, and the largest that can be are dealt out`() {
        func counted(_ counts: [Int64]) -> Profile {
            profile(["samples", "page-faults"], zip(["a", "b"], counts).map { ($0, [$1, 10_000_000]) })
        }
        let half: Int64 = 1 << 61
        for counts in [[Int64.max - 10, 2], [half, half], [half - 1, half - 1], [1 << 53, 1], [Int64.min, -1]] {
            for other in [counts, [1, 1]] {
                let comparison = ProfileComparison(
                    before: counted(counts), after: counted(other), sampleTypeIndex: 1)
                #expect(comparison.errorsMissing == .notCounted)
            }
        }
        let most: Int64 = 1 << 52
        let comparison = ProfileComparison(
            before: counted([most, most]), after: counted([most, most]), sampleTypeIndex: 1)
        #expect(comparison.errorsMissing == nil && comparison.entries.allSatisfy { !$0.flat.isSignificant })
    }
}

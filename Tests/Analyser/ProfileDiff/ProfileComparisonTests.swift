import Foundation
import Primitives
import ProfileDiff
import ProfileModel
import RegularExpressions
import Testing

/// Two profiles compared, and what is said to be more than chance.
@Suite struct ProfileComparisonTests {
    private func entry(_ comparison: ProfileComparison, _ name: String) throws -> ProfileComparison.Entry {
        try #require(comparison.entries.first { $0.name == name })
    }

    private var fewDealings: ProfileComparison.Options {
        var options = ProfileComparison.Options()
        options.dealings = 199
        return options
    }

    @Test func `shares are of each profile's own total`() throws {
        let before = StackFixture.profile([("main;a", 30), ("main;a;b", 60), ("main;a;b;a", 10), ("old", 100)])
        let after = StackFixture.profile([("main;a", 5), ("main;a;b", 10), ("new", 5)])
        let comparison = ProfileComparison(before: before, after: after, options: fewDealings)
        let a = try entry(comparison, "a")
        #expect(a.flat.before == 0.2 && a.flat.after == 0.25)
        // The recursive call counts once.
        #expect(a.cum.before == 0.5 && a.cum.after == 0.75)
        #expect(try entry(comparison, "new").isNew && entry(comparison, "old").isGone)
        #expect(comparison.before.sampleCount == 200 && comparison.after.sampleCount == 20)
    }

    @Test func `the error of a change is that of two binomial shares`() throws {
        let before = StackFixture.profile([("a", 300), ("b", 700)])
        let after = StackFixture.profile([("a", 100), ("b", 400)])
        let comparison = ProfileComparison(before: before, after: after, options: fewDealings)
        let error = try #require(entry(comparison, "a").flat.error)
        let expected = 1.959964 * (0.3 * 0.7 / 1000 + 0.2 * 0.8 / 500).squareRoot()
        #expect(abs(error - expected) < 1e-12)
    }

    /// The promise of the 95 % level: among comparisons of equal programs, 5 % ± 1 mark anything at all.
    @Test func `of comparisons of equal programs five in a hundred mark a change`() {
        let program = SimulatedProgram.typical()
        var random = SeededGenerator(seed: 20_260_101)
        let runs = ProcessInfo.processInfo.environment["SPROF_DIFF_RUNS"].flatMap { Int($0) } ?? 1000
        var alarms = 0
        for run in 0..<runs {
            let before = program.record(samples: 400, &random)
            let after = program.record(samples: run % 2 == 0 ? 400 : 900, &random)
            let comparison = ProfileComparison(before: before, after: after, options: fewDealings)
            if comparison.entries.contains(where: { $0.flat.isSignificant || $0.cum.isSignificant }) { alarms += 1 }
        }
        let share = Double(alarms) / Double(runs)
        #expect(share >= 0.04 && share <= 0.06, "\(share)")
    }

    @Test func `a real change is found where it is, nearly always`() throws {
        let program = SimulatedProgram.typical()
        let changed = program.growing(7, by: 0.1)
        let leaf = "render"
        var random = SeededGenerator(seed: 7)
        var found = 0
        for _ in 0..<50 {
            let comparison = ProfileComparison(
                before: program.record(samples: 2000, &random), after: changed.record(samples: 2000, &random),
                options: fewDealings)
            let render = try entry(comparison, leaf)
            if render.cum.isSignificant, render.cum.difference > 0 { found += 1 }
            #expect((comparison.spread ?? 0) > 1)
        }
        #expect(found >= 48, "\(found)")
    }

    /// A sample at 99 Hz stands for ten times as much as one at 990 Hz: that is no reason to count it ten times.
    @Test func `profiles of other rates and lengths are compared by samples`() throws {
        let program = SimulatedProgram.typical()
        var random = SeededGenerator(seed: 99)
        var alarms = 0
        for _ in 0..<80 {
            let comparison = ProfileComparison(
                before: program.record(samples: 100, nanosecondsPerSample: 10_000_000, &random),
                after: program.record(samples: 1000, nanosecondsPerSample: 1_000_000, &random), sampleTypeIndex: 1,
                options: fewDealings)
            if comparison.entries.contains(where: { $0.flat.isSignificant || $0.cum.isSignificant }) { alarms += 1 }
        }
        // Of 80, 4 ± 1.9 are to be expected.
        #expect(alarms <= 9, "\(alarms)")

        // Many functions that few samples met, as in every recording, and one that is gone.
        let rest = (0..<800).map { ("main;rare\($0)", Int64(1 + $0 % 3)) }
        let before = StackFixture.profile([("main;hot", 40), ("main;warm", 112)], nanosecondsPerSample: 10_000_000)
        let after = StackFixture.profile(rest + [("main;warm", 1700)], nanosecondsPerSample: 1_000_000)
        let hot = try entry(ProfileComparison(before: before, after: after, sampleTypeIndex: 1), "hot")
        #expect(hot.flat.isSignificant && hot.cum.isSignificant, "\(hot)")
    }

    @Test func `what varies more from run to run needs larger changes`() throws {
        let before = StackFixture.profile([("a", 500), ("b", 500)])
        let after = StackFixture.profile([("a", 570), ("b", 430)])
        var options = ProfileComparison.Options()
        #expect(try entry(ProfileComparison(before: before, after: after, options: options), "a").flat.isSignificant)
        options.overdispersion = 4
        let comparison = ProfileComparison(before: before, after: after, options: options)
        #expect(try !entry(comparison, "a").flat.isSignificant)
    }

    @Test func `without a count of samples there are shares and no judgement`() throws {
        func heap(_ stacks: [(String, Int64)]) -> Profile {
            var profile = StackFixture.profile(stacks)
            let space = profile.intern("inuse_space")
            let objects = profile.intern("inuse_objects")
            let samples = profile.samples
            profile.setPeriod(0, type: "space", unit: "bytes")
            profile.samples = SampleTable(valuesPerSample: 2)
            profile.setSampleTypes([
                ValueType(type: objects, unit: profile.intern("count")),
                ValueType(type: space, unit: profile.intern("bytes")),
            ])
            for sample in samples {
                profile.addSample(locations: Array(sample.locations), values: Array(sample.values))
            }
            return profile
        }
        let condition = try FailCondition("growth(a)>10pp")
        let comparison = ProfileComparison(
            before: heap([("a", 1), ("b", 3)]), after: heap([("a", 2), ("b", 2)]), sampleTypeIndex: 1,
            conditions: [condition])
        #expect(comparison.errorsMissing == .notCounted && comparison.before.sampleCount == nil)
        let a = try entry(comparison, "a")
        #expect(a.flat.before == 0.25 && a.flat.after == 0.5 && a.flat.error == nil && !a.flat.isSignificant)
        // A growth has to be more than chance, which nobody can tell here.
        #expect(comparison.findings[0].isPassed && comparison.findings[0].isUndecided && !comparison.findings[0].fails)
    }

    @Test func `conditions count samples once, whichever functions match`() throws {
        let before = StackFixture.profile([("main;parse;read", 100), ("main;write", 900)])
        let after = StackFixture.profile([("main;parse;read", 300), ("main;write", 700)])
        let conditions = try [
            "cum(parse|read)>29%", "cum(parse|read)>31%", "flat(read)>=30%", "growth(parse)>15pp", "growth(parse)>25pp",
            "flatgrowth(^main$)>0pp", "cum(nobody)<1%", "growth(write)<-10pp",
        ].map { text throws(FailCondition.Malformed) in try FailCondition(text) }
        let findings = ProfileComparison(before: before, after: after, conditions: conditions).findings
        #expect(findings.map(\.fails) == [true, false, true, true, false, false, true, true])
        #expect(abs(findings[0].value - 0.3) < 1e-12 && abs(findings[3].value - 0.2) < 1e-12)
        #expect(findings.map(\.functionCount) == [2, 2, 1, 1, 1, 1, 0, 1])
    }

    @Test func `growth that chance explains does not fail`() throws {
        let before = StackFixture.profile([("a", 10), ("b", 90)])
        let after = StackFixture.profile([("a", 14), ("b", 86)])
        let finding = try ProfileComparison(
            before: before, after: after, conditions: [FailCondition("growth(a)>2pp")]
        ).findings[0]
        #expect(finding.isPassed && finding.isNoise && !finding.fails)
    }

    @Test func `profiles with nothing in them, and values at the ends of their range, compare`() {
        let empty = StackFixture.profile([])
        var extreme = StackFixture.profile([("a", 1)])
        for value in [Int64.min, .max, .max, -1] {
            extreme.addSample(locations: [LocationIndex(rawValue: 0)], values: [value, value])
        }
        for (before, after) in [(empty, empty), (empty, extreme), (extreme, empty), (extreme, extreme)] {
            let comparison = ProfileComparison(before: before, after: after)
            #expect(comparison.entries.allSatisfy { !$0.flat.isSignificant })
            let table = ComparisonTable(
                comparison, labels: .init(before: "a", after: "b", type: "cpu", unit: "nanoseconds"),
                sortsByCum: false, limit: 0)
            #expect(!table.render().isEmpty && !table.json.text.isEmpty)
        }
    }

    @Test func `the table shows what changed most first, and marks what chance does not explain`() {
        let before = StackFixture.profile([("main;a", 600), ("main;b", 400)])
        let after = StackFixture.profile([("main;a", 450), ("main;b", 420), ("main;\u{1b}c", 130)])
        let comparison = ProfileComparison(before: before, after: after, sampleTypeIndex: 1)
        let table = ComparisonTable(
            comparison, labels: .init(before: "one", after: "two", type: "cpu", unit: "nanoseconds"),
            sortsByCum: false, limit: 2)
        let lines = table.render().split(separator: "\n").map(String.init)
        #expect(lines[0] == "Before: one, cpu 10s, 1000 samples")
        #expect(
            lines.suffix(3) == [
                "  60.00%  45.00%  -15.00  ±4.33 *    60.00%  45.00%  -15.00  ±4.33 *  a",
                "   0.00%  13.00%  +13.00  ±2.08 *     0.00%  13.00%  +13.00  ±2.08 *  \\u{1b}c (new)",
                "and 1 more whose share changed",
            ])
        #expect(table.json.text.contains(#""name":"a","flat":{"before":0.6,"after":0.45,"#))
    }
}

/// Limits as users write them.
@Suite struct FailConditionTests {
    @Test func `a condition has a measure, an expression, a comparison and a limit with its unit`() throws {
        let condition = try FailCondition(" growth( (a|b)(c) ) >= 2.5 pp ")
        #expect(condition.measure == .growth && condition.comparison == .greaterOrEqual && condition.limit == 0.025)
        #expect(condition.expression.pattern == " (a|b)(c) ")
        #expect(try FailCondition("flat(^main$)<10%").comparison == .less)
        #expect(try FailCondition("flatgrowth(x)>-1pp").limit == -0.01)
        #expect(try FailCondition("cum(operator>)>5%").expression.pattern == "operator>")
        #expect(try FailCondition("cum(a)>5%").subject == "cum(a)")
    }

    @Test(arguments: [
        "", "cum", "cum(a)", "cum(a)>", "cum(a)>5", "cum(a)>5pp", "growth(a)>5%", "sum(a)>5%", "cum(a>5%", "cum a)>5%",
        "cum([)>5%", "cum(a)=5%", "cum(a)>>5%", "cum(a)>x%", "cum(a)>inf%", "cum(a)>nan%", "cum(a)>0x5%", ")cum(",
        "cum(a)>5% or more",
    ])
    func `what is no condition is refused with an example`(text: String) {
        #expect(throws: FailCondition.Malformed.self) { try FailCondition(text) }
    }
}

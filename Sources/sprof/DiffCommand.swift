import ArgumentParser
import Glibc
import Primitives
import ProfileDiff
import ProfileModel
import ProfileReport

/// `sprof diff`: what changed between two profiles, and what of it is more than chance.
struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare two profiles by function, with the error of sampling.",
        discussion: """
            Shares of each profile's total are compared, so that recordings of different lengths may be. A condition \
            makes the exit status 1 when it holds, for example in CI:
              sprof diff before.pb.gz after.pb.gz --fail-if 'growth(parse)>2pp' --fail-if 'cum(malloc|free)>5%'
            flat(RE) and cum(RE) are shares in the second profile of all functions that match, together; growth(RE) \
            and flatgrowth(RE) are how far cum and flat rose, which must be more than chance. 2 is the status when \
            there is nothing to compare.
            """)

    @Argument(help: "The profile to compare with: any pprof file.")
    var before: String

    @Argument(help: "The profile of what may have changed.")
    var after: String

    @Option(
        name: [.customShort("n"), .long], help: ArgumentHelp("Show so many functions; 0 is all.", valueName: "count"))
    var nodecount = 40

    @Flag(name: .long, help: "Order by how cum changed, instead of flat.")
    var cum = false

    @Option(help: ArgumentHelp("The values to compare: a name or position of the sample types.", valueName: "type"))
    var sampleIndex = ""

    @Option(
        help: ArgumentHelp(
            "End with status 1 if this holds: cum(RE)>5%, growth(RE)>2pp, flat, flatgrowth; may be repeated.",
            valueName: "condition"))
    var failIf: [String] = []

    @Option(
        help: ArgumentHelp(
            "How much more the shares vary from run to run than by sampling, as variance; compare two equal runs.",
            valueName: "factor"))
    var overdispersion = 1.0

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if nodecount < 0 { throw ValidationError("-n takes a number of functions, or 0 for all.") }
        guard overdispersion >= 1, overdispersion.isFinite else {
            throw ValidationError("--overdispersion takes a factor of at least 1.")
        }
        _ = try conditions()
    }

    func run() throws {
        let comparison: ProfileComparison
        let labels: ComparisonTable.Labels
        do {
            (comparison, labels) = try compare()
        } catch {
            Terminal(isQuiet: false).error("\(error)")
            throw ExitCode(2)
        }
        let table = ComparisonTable(comparison, labels: labels, sortsByCum: cum, limit: nodecount)
        writeAll(json ? table.json.text + "\n" : table.render(), to: STDOUT_FILENO)
        report(comparison)
        if comparison.findings.contains(where: \.fails) { throw ExitCode(1) }
    }

    private func conditions() throws -> [FailCondition] {
        do {
            return try failIf.map { text throws(FailCondition.Malformed) in try FailCondition(text) }
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private func compare() throws -> (ProfileComparison, ComparisonTable.Labels) {
        let profiles = try (read(before), read(after))
        var report = ReportOptions()
        report.sampleIndex = sampleIndex
        let first = try values(profiles.0, before, report)
        // The same type in the other profile, wherever it stands there.
        if sampleIndex.isEmpty || Int(sampleIndex) != nil { report.sampleIndex = first.type }
        let second = try values(profiles.1, after, report)
        guard first.unit == second.unit else {
            throw ValidationError(
                "\(first.type) is in \(first.unit) in \(before), but in \(second.unit) in \(after)")
        }
        var options = ProfileComparison.Options()
        options.sampleTypeIndices = (before: first.index, after: second.index)
        options.overdispersion = overdispersion
        let comparison = try ProfileComparison(
            before: profiles.0, after: profiles.1, conditions: conditions(), options: options)
        return (comparison, .init(before: before, after: after, type: first.type, unit: first.unit))
    }

    private func read(_ path: String) throws -> Profile {
        do {
            return try ProfileInput.read(path)
        } catch {
            throw ValidationError("\(path): \(error)")
        }
    }

    private func values(_ profile: Profile, _ path: String, _ options: ReportOptions) throws -> SampleValues {
        do {
            return try SampleValues(profile, options)
        } catch {
            throw ValidationError("\(path): \(error)")
        }
    }

    /// A sentence on each condition that is near to or past its limit.
    private func report(_ comparison: ProfileComparison) {
        let terminal = Terminal(isQuiet: false)
        for finding in comparison.findings {
            let condition = finding.condition
            if finding.functionCount == 0 {
                terminal.note("sprof: '\(condition.text)' matches no function")
            }
            guard finding.isPassed else { continue }
            var value = Quantity.decimal(finding.value * 100, 2) + (condition.measure.isGrowth ? " pp" : " %")
            if let error = finding.change.error, condition.measure.isGrowth {
                value += " ± \(Quantity.decimal(error * 100, 2))"
            }
            let subject = "\(condition.subject) is \(value)"
            if finding.isNoise {
                terminal.note(
                    "sprof: \(subject): past '\(condition.text)', but within what chance explains; not failed")
            } else {
                terminal.error("\(subject): failed '\(condition.text)'")
            }
        }
    }
}

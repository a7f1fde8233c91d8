import ArgumentParser
import Primitives
import ProfileDiff
import ProfileFetch
import ProfileModel
import ProfileReport

/// `sprof diff`: what changed between two profiles, and what of it is more than chance.
struct Diff: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare two profiles by function, file or line, with the error of sampling.",
        discussion: """
            Shares of each profile's total are compared, so that recordings of different lengths may be. A condition \
            makes the exit status 1 when it holds, for example in CI:
              sprof diff before.pb.gz after.pb.gz --fail-if 'growth(parse)>2pp' --fail-if 'cum(malloc|free)>5%'
            flat(RE) and cum(RE) are shares in the second profile of all functions that match, together; growth(RE) \
            and flatgrowth(RE) are how far cum and flat rose, which must be more than chance. 2 is the status when \
            there is nothing to compare, or a growth past its limit may be chance for all that the profiles tell.
            """)

    @Argument(help: "The profile to compare with: a file, URL or host:port.")
    var before: String

    @Argument(help: "The profile of what may have changed.")
    var after: String

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

    @OptionGroup(title: "Report options")
    var report: ReportOptionGroup

    func validate() throws {
        guard overdispersion >= 1, overdispersion.isFinite else {
            throw ValidationError("--overdispersion takes a factor of at least 1.")
        }
        try report.refuseChoices(without: [.nodecount, .order, .lines, .files], of: "a comparison")
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
        let table = ComparisonTable(
            comparison, labels: labels, sortsByCum: report.order == .cum, limit: max(0, report.nodecount ?? 40))
        let text = json ? table.json.text + "\n" : table.render()
        do {
            try TextOutput.write(Array(text.utf8), to: report.options.output)
        } catch {
            Terminal(isQuiet: false).error("\(error)")
            throw ExitCode(2)
        }
        tell(comparison)
        if comparison.findings.contains(where: \.fails) { throw ExitCode(1) }
        if comparison.findings.contains(where: \.isUndecided) { throw ExitCode(2) }
    }

    private func conditions() throws -> [FailCondition] {
        do {
            return try failIf.map { text throws(FailCondition.Malformed) in try FailCondition(text) }
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private func compare() throws -> (ProfileComparison, ComparisonTable.Labels) {
        var selection = report.options
        let first = try side(before, selection)
        // The same type in the other profile, wherever it stands there.
        selection.sampleIndex = first.sampleType
        let second = try side(after, selection)
        guard first.unit == second.unit else {
            throw ValidationError(
                "\(first.type) is in \(first.unit) in \(before), but in \(second.unit) in \(after)")
        }
        var options = ProfileComparison.Options()
        options.overdispersion = overdispersion
        let comparison = try ProfileComparison(
            before: first.stacks, after: second.stacks, conditions: conditions(), options: options)
        return (comparison, .init(before: before, after: after, type: first.type, unit: first.unit))
    }

    /// What is compared of a profile, which itself need not stay while the other is read.
    private struct Side {
        let stacks: SampledStacks
        let sampleType: String
        let type: String
        let unit: String
    }

    private func side(_ source: String, _ options: ReportOptions) throws -> Side {
        let context = try context(source, options)
        let (profile, index) = (context.profile, context.values.index)
        let stacks = SampledStacks(profile, sampleTypeIndex: index, detail: SelectedProfile.detail(context))
        guard stacks.total != 0 else {
            let filters = context.activeFilterLines.isEmpty ? "" : " after the filters"
            throw ValidationError("nothing to compare: there is no \(context.values.type) in \(source)\(filters)")
        }
        return Side(
            stacks: stacks,
            sampleType: profile.string(profile.sampleTypes[index].type), type: context.values.type,
            unit: context.values.unit)
    }

    private func context(_ source: String, _ options: ReportOptions) throws -> ReportContext {
        var sources = ProfileSources()
        sources.sources = [source]
        do {
            return try SelectedProfile.load(.top, options, sources)
        } catch {
            let text = "\(error)"
            throw ValidationError(text.contains(source) ? text : "\(source): \(text)")
        }
    }

    /// A sentence on each condition that is near to or past its limit.
    private func tell(_ comparison: ProfileComparison) {
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
            if let reason = comparison.errorsMissing, finding.isUndecided {
                terminal.error(
                    "\(subject): past '\(condition.text)', but how much is chance is not known: \(reason.rawValue)")
            } else if finding.isNoise {
                terminal.note(
                    "sprof: \(subject): past '\(condition.text)', but within what chance explains; not failed")
            } else {
                terminal.error("\(subject): failed '\(condition.text)'")
            }
        }
    }
}

import Glibc
import Primitives
import ProfileModel
import ProfileReader
import ProfileReport
import ProfileWriter
import Testing

/// Reports against those of Go's pprof, over random profiles and options.
///
/// SPROF_COMPARISONS says how many to make, SPROF_COMPARISON_SEED where to start, and SPROF_PPROF names another pprof.
@Suite struct ReportComparisonTests {
    private static func number(_ variable: String, default value: Int) -> Int {
        getenv(variable).flatMap { Int(String(cString: $0)) } ?? value
    }

    @Test(.enabled(if: PprofProgram.isPresent, "go with its pprof is not installed"))
    func `pprof prints the same, whatever the profile and the options`() throws {
        let count = Self.number("SPROF_COMPARISONS", default: 300)
        let firstSeed = Self.number("SPROF_COMPARISON_SEED", default: 1)
        let folder = ScratchFolder()
        let perProfile = 20
        var differences: [String] = []
        var kinds: [ReportKind: Int] = [:]
        var chanceCount = 0
        for number in 0..<((count + perProfile - 1) / perProfile) {
            let seed = UInt64(firstSeed + number)
            let kind = ProfileKind.allCases[Int(seed) % ProfileKind.allCases.count]
            let path = folder.path + "/\(kind.rawValue)-\(seed).pb.gz"
            let base = path + ".base"
            try ProfileFile.write(kind.profile(seed: seed), to: path)
            try ProfileFile.write(kind.profile(seed: seed + 1_000_000), to: base)
            let profiles = try [path, base].map { file in
                try ProfileReader.decode(FileDescriptor(opening: file).readToEnd(limit: 1 << 24))
            }
            var random = SeededGenerator(seed: seed)
            for _ in 0..<perProfile {
                let test = ReportCase.random(&random, typeCount: profiles[0].sampleTypes.count)
                let ours: String
                do { ours = try test.render(profiles[0], base: profiles[1]) } catch { ours = "\(error)" }
                kinds[test.kind, default: 0] += 1
                switch Self.compare(ours, test.arguments(base: base), path) {
                case .equal: break
                case .leftToChance: chanceCount += 1
                case .different(let theirs):
                    differences.append(
                        "\(kind.rawValue)-\(seed): \(test.arguments(base: "base").joined(separator: " "))")
                    Self.keep(path, ours, theirs, differences.count)
                }
            }
        }
        #expect(differences.isEmpty, "\(differences.count) of \(count)\n\(differences.joined(separator: "\n"))")
        #expect(kinds.count == 5)
        #expect(chanceCount * 10 < count, "\(chanceCount) of \(count) were left to chance by pprof")
        print("\(count) reports compared, \(chanceCount) left to chance by pprof")
    }

    /// What pprof says it failed of.
    private static func message(_ errors: String) -> String {
        let last = errors.split(separator: "\n").last ?? ""
        return String(last.hasPrefix("pprof: ") ? last.dropFirst(7) : last)
    }

    private enum Comparison {
        case equal
        /// pprof prints one thing now and another then: it walks hash tables in the order that Go makes random, and does
        /// not sort what prints alike and costs the same, such as the nodes of call trees.
        case leftToChance
        case different(String)
    }

    private static func compare(_ ours: String, _ arguments: [String], _ path: String) -> Comparison {
        var answers: Set<String> = []
        // Often enough that chance does not give the same answer each time.
        for _ in 0..<40 {
            let theirs = PprofProgram.report(arguments, on: path)
            let answer = theirs.status == 0 ? theirs.output : message(theirs.errors)
            if answer == ours { return .equal }
            answers.insert(answer)
            if answers.count > 1 { return .leftToChance }
        }
        return .different(answers.first ?? "")
    }

    /// Keeps what differs for a look at it, if SPROF_COMPARISON_FOLDER names a folder.
    private static func keep(_ profile: String, _ ours: String, _ theirs: String, _ number: Int) {
        guard let folder = getenv("SPROF_COMPARISON_FOLDER").map({ String(cString: $0) }) else { return }
        _ = system("cp '\(profile)' '\(folder)/\(number).pb.gz'; cp '\(profile).base' '\(folder)/\(number).base'")
        for (name, text) in [("ours", ours), ("theirs", theirs)] {
            let file = fopen("\(folder)/\(number).\(name)", "w")
            fputs(text, file)
            fclose(file)
        }
    }
}

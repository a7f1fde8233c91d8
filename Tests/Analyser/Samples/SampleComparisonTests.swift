import Glibc
import Primitives
import ProfileModel
import ProfileReader
import ProfileReport
import ProfileTransform
import ProfileWriter
import Testing

/// Filters, merging and the reports over samples against Go's pprof, over random profiles and options.
///
/// SPROF_COMPARISONS says how many to make, SPROF_COMPARISON_SEED where to start, and SPROF_PPROF names another pprof
/// (see `PprofProgram`). What differs in Debian's pprof of 2022, and is made up for here: it merges even a single profile;
/// `raw` prints no columns; `raw` and `proto` pay no heed to `noinlines`; its `tags` has another layout, so that this is
/// compared with the newest only.
@Suite struct SampleComparisonTests {
    private static func number(_ variable: String, default value: Int) -> Int {
        getenv(variable).flatMap { Int(String(cString: $0)) } ?? value
    }

    @Test(.enabled(if: PprofProgram.isPresent, "go with its pprof is not installed"))
    func `pprof filters, merges and prints the same`() throws {
        let count = Self.number("SPROF_COMPARISONS", default: 300)
        let firstSeed = Self.number("SPROF_COMPARISON_SEED", default: 1)
        let folder = ScratchFolder()
        let perProfile = 20
        var differences: [String] = []
        var kinds: [ReportKind: Int] = [:]
        for number in 0..<((count + perProfile - 1) / perProfile) {
            var random = SeededGenerator(seed: UInt64(firstSeed + number))
            let sources = try Sources.random(number, &random, folder: folder.path)
            let loaded = Result { try sources.load() }
            let typeCount = (try? loaded.get().sampleTypes.count) ?? 1
            for _ in 0..<perProfile {
                let test = SampleCase.random(&random, typeCount: typeCount)
                let output = folder.path + "/output"
                let arguments = test.arguments + sources.arguments
                let theirs = PprofProgram.run(PprofProgram.path ?? "", ["-output=" + output] + arguments)
                kinds[test.kind, default: 0] += 1
                let (ours, expected) = (Self.ours(test, loaded), try Self.expected(test, theirs, output))
                if ours != expected {
                    differences.append(arguments.joined(separator: " "))
                    Self.keep(arguments, ours, expected, differences.count)
                }
            }
        }
        #expect(differences.isEmpty, "\(differences.count) of \(count)\n\(differences.joined(separator: "\n"))")
        #expect(kinds.count >= 5)
    }

    private static func ours(_ test: SampleCase, _ loaded: Result<Profile, any Error>) -> String {
        do {
            let (text, notices) = try test.render(loaded.get())
            return comparable(text, test) + notices.sorted().map { $0 + "\n" }.joined()
        } catch {
            return comparable(error: "\(error)")
        }
    }

    private static func expected(
        _ test: SampleCase, _ theirs: (status: Int32, output: String, errors: String), _ output: String
    ) throws -> String {
        let errors = theirs.errors.split(separator: "\n").map(String.init)
        guard theirs.status == 0 else {
            let last = errors.last ?? ""
            return comparable(error: last)
        }
        let notices = errors.filter {
            $0.hasSuffix("expression matched no samples") || $0.contains(":Interpreted ") || $0.hasPrefix("For tag ")
        }
        let text: String
        if test.kind == .proto {
            let profile = try ProfileReader.read(contentsOf: output)
            text = RawReport(try ReportContext(profile, kind: .raw)).render()
        } else {
            text = ScratchFolder.text(of: output)
        }
        return comparable(text, test) + notices.sorted().map { $0 + "\n" }.joined()
    }

    /// The error without what pprof says before it, and without the addresses of its variables that it prints for types.
    private static func comparable(error: String) -> String {
        for start in ["incompatible sample types", "problem fetching source profiles: "] {
            guard let found = error.firstRange(of: start) else { continue }
            return start.hasSuffix(" ") ? String(error[found.upperBound...]) : start
        }
        return error.hasPrefix("pprof: ") ? String(error.dropFirst(7)) : error
    }

    /// The text without what Debian's pprof does not print, and with lines in a fixed order where pprof leaves their order
    /// to chance: of tags whose values differ in sign only, and of files that are told apart by more than is printed.
    private static func comparable(_ text: String, _ test: SampleCase) -> String {
        switch test.kind {
        case .tags,
            .top where test.options.granularity == .files:
            return text.split(separator: "\n").sorted().joined(separator: "\n")
        case .raw where !PprofProgram.isNewest, .proto where !PprofProgram.isNewest:
            return text.replacing(/(:\d+):\d+ s=/) { "\($0.output.1) s=" }
        default:
            return text
        }
    }

    /// Keeps what differs for a look at it, if SPROF_COMPARISON_FOLDER names a folder.
    private static func keep(_ arguments: [String], _ ours: String, _ theirs: String, _ number: Int) {
        guard let folder = getenv("SPROF_COMPARISON_FOLDER").map({ String(cString: $0) }) else { return }
        for argument in arguments where argument.hasSuffix(".gz") {
            _ = system("cp '\(argument.drop { $0 != "/" })' '\(folder)/'")
        }
        for (name, text) in [("ours", ours), ("theirs", theirs), ("args", arguments.joined(separator: "\n"))] {
            let file = fopen("\(folder)/\(number).\(name)", "w")
            fputs(text, file)
            fclose(file)
        }
    }
}

/// One or several profiles, and perhaps a base.
private struct Sources {
    var files: [String]
    var base: String?
    var mode: Profile.BaseMode?
    var isNormalized = false

    /// pprof's arguments for the same.
    var arguments: [String] {
        var words: [String] = []
        if let base, let mode { words.append((mode == .compare ? "-diff_base=" : "-base=") + base) }
        if isNormalized { words.append("-normalize") }
        return words + files
    }

    static func random(_ number: Int, _ random: inout SeededGenerator, folder: String) throws -> Sources {
        let kind = ProfileKind.allCases[number % ProfileKind.allCases.count]
        func file(_ name: String) throws -> String {
            let path = "\(folder)/\(kind.rawValue)-\(number)-\(name).pb.gz"
            // Profiles of the same kind of which the second is like the first, so that there is something to merge.
            let seed = UInt64(random.below(2) == 0 ? number : number * 100 + random.below(50))
            var profile = kind.profile(seed: seed)
            profile.addOddities(&random)
            if random.below(6) == 0 { profile.convertForTest(&random) }
            try ProfileFile.write(profile, to: path)
            return path
        }
        var sources = Sources(files: [try file("a")])
        switch random.below(5) {
        case 0: sources.files += [try file("b"), try file("c")]
        case 1, 2:
            sources.base = try file("base")
            sources.mode = random.below(2) == 0 ? .compare : .subtract
            sources.isNormalized = random.below(3) == 0
        default: break
        }
        return sources
    }

    /// The profile that reports are made of, as pprof loads it.
    func load() throws -> Profile {
        var profile = try combine(files)
        if let base, let mode {
            profile = try profile.relative(to: combine([base]), mode: mode, isNormalized: isNormalized)
        }
        profile.finishNames()
        profile.removeUninterestingFrames()
        return profile
    }

    private func combine(_ paths: [String]) throws -> Profile {
        let profiles = try paths.map { try ProfileReader.read(contentsOf: $0).withMapping() }
        let combined = try ProfileMerge.combine(profiles)
        // Debian's pprof merges whatever it loads.
        return profiles.count == 1 && !PprofProgram.isNewest ? try ProfileMerge.merge([combined]) : combined
    }
}

extension Profile {
    /// With a mapping that all locations are in, if there is none: what pprof makes of a profile that it loads.
    fileprivate func withMapping() -> Profile {
        guard mappings.isEmpty else { return self }
        var result = self
        let mapping = result.addMapping(
            Mapping(start: Address(0), limit: Address(0), fileOffset: FileOffset(0), filename: .empty, buildID: .empty))
        for index in result.locations.indices { result.locations[index].mapping = mapping }
        return result
    }

    /// Writes the same in another unit, so that merging has to convert.
    fileprivate mutating func convertForTest(_ random: inout SeededGenerator) {
        let others = ["nanoseconds": "microseconds", "bytes": "kilobytes", "ms": "seconds"]
        let types = sampleTypes.map { type in
            ValueType(type: type.type, unit: others[string(type.unit)].map { intern($0) } ?? type.unit)
        }
        let samples = samples
        replaceSamples(types: types, samples: samples)
    }
}

import Glibc
import Primitives
import ProfileModel
import ProfileReader
import Testing

/// A folder for profiles, and sprof run in it.
final class SprofWorkspace {
    let folder = TemporaryDirectory()

    init() {
        // What sprof writes as another user lands here too.
        chmod(folder.path, 0o777)
    }

    func path(_ name: String) -> String { folder.path + "/" + name }

    /// Starts sprof, or `prefix` with sprof as its last arguments.
    func start(_ arguments: [String], prefix: [String] = [], output: String? = nil) throws -> RunningProcess {
        let binary = try #require(SprofBinary.path)
        return try RunningProcess(
            prefix + [binary] + arguments, workingDirectory: folder.path, output: output)
    }

    /// Runs sprof to its end.
    func run(
        _ arguments: [String], prefix: [String] = [], output: String? = nil, seconds: Int = 60,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> RunningProcess.Outcome {
        let outcome = try start(arguments, prefix: prefix, output: output).wait(seconds: seconds)
        #expect(outcome.isInTime, "sprof \(arguments) did not end", sourceLocation: sourceLocation)
        #expect(outcome.signal == nil, "sprof \(arguments) crashed", sourceLocation: sourceLocation)
        return outcome
    }

    /// Runs `sprof record` to a profile, which is checked to be valid.
    func record(
        _ arguments: [String], prefix: [String] = [], seconds: Int = 60, expecting status: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Recorded {
        let outcome = try run(
            ["record", "--json", "-o", "cpu.pb.gz"] + arguments, prefix: prefix, seconds: seconds,
            sourceLocation: sourceLocation)
        #expect(outcome.exitStatus == status, "\(outcome.errors)", sourceLocation: sourceLocation)
        let profile = try profile("cpu.pb.gz")
        return Recorded(profile: profile, outcome: outcome, account: AccountFields(outcome.output))
    }

    /// The profile in the file `name`, which must be valid.
    func profile(_ name: String) throws -> Profile {
        let profile = try ProfileReader.read(contentsOf: path(name))
        try profile.checkValid(.strict)
        return profile
    }
}

/// What a recording left behind.
struct Recorded {
    var profile: Profile
    var outcome: RunningProcess.Outcome
    var account: AccountFields

    /// The sum of one of the profile's values.
    func total(_ value: Int) -> Int64 {
        profile.samples.reduce(0) { $0 + $1.values[$1.values.startIndex + value] }
    }

    var sampleTypes: [String] {
        profile.sampleTypes.map { "\(profile.string($0.type))/\(profile.string($0.unit))" }
    }

    /// The distinct texts of a label.
    func texts(of key: String) -> Set<String> {
        var texts: Set<String> = []
        for label in profile.samples.labels where profile.string(label.key) == key {
            if case .string(let text) = label.value { texts.insert(profile.string(text)) }
        }
        return texts
    }

    /// The distinct numbers of a label.
    func numbers(of key: String) -> Set<Int64> {
        var numbers: Set<Int64> = []
        for label in profile.samples.labels where profile.string(label.key) == key {
            if case .number(let number, _) = label.value { numbers.insert(number) }
        }
        return numbers
    }

    /// The names of a stack's frames, leaf first, inlined ones included.
    func names(of stack: [LocationIndex]) -> [String] {
        stack.flatMap { index in
            profile.locations[Int(index.rawValue)].lines.map {
                profile.string(profile.functions[Int($0.function.rawValue)].name)
            }
        }
    }

    /// Whether the frame at `index` lies in the kernel.
    func isKernel(_ index: LocationIndex) -> Bool {
        guard let mapping = profile.locations[Int(index.rawValue)].mapping else { return false }
        return profile.string(profile.mappings[Int(mapping.rawValue)].filename).hasPrefix("[kernel")
    }

    /// The names of all functions.
    var functionNames: Set<String> { Set(profile.functions.map { profile.string($0.name) }) }

    var comments: [String] { profile.comments.map { profile.string($0) } }
}

/// The fields of the one-line object that `--json` prints.
struct AccountFields {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    /// The number behind the first member called `name`.
    subscript(name: String) -> Int64? {
        guard let range = text.firstRange(of: "\"\(name)\":") else { return nil }
        return Int64(text[range.upperBound...].prefix { $0.isASCII && ($0.isNumber || $0 == "-") })
    }
}

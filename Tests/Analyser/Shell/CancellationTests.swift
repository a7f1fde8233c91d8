import PprofCommands
import Primitives
import ProfileModel
import ProfileReport
import ProfileShell
import Synchronization
import Testing

/// Reports that nobody waits for any more.
@Suite struct CancellationTests {
    /// Says at the question with a number that the report is not wanted.
    private final class Impatience: Sendable {
        private let patience: Int
        private let count = Atomic<Int>(0)

        init(patience: Int) { self.patience = patience }

        var questionCount: Int { count.load(ordering: .relaxed) }

        var cancellation: Cancellation {
            Cancellation { [self] in count.wrappingAdd(1, ordering: .relaxed).oldValue >= patience }
        }
    }

    private static func text(_ report: ReportBody) -> String {
        var text: [UInt8] = []
        report.write { piece in piece.withUnsafeBytes { text.append(contentsOf: $0) } }
        return String(decoding: text, as: UTF8.self)
    }

    private static let commands = ["top", "tree", "peek", "dot", "callgrind", "tags", "list"]

    private static func options(_ change: (inout ReportOptions) -> Void) -> ReportOptions {
        var options = ReportOptions()
        options.nodeFraction = 0
        change(&options)
        return options
    }

    /// What takes ways of its own through the samples.
    private static let optionSets: [ReportOptions] = [
        options { _ in },
        options { $0.callTree = true },
        options { ($0.callTree, $0.dropNegative, $0.mean) = (true, true, true) },
        options { ($0.focus, $0.hide, $0.tagFocus) = (".", "no such function", "thread") },
        options { ($0.showFrom, $0.pruneFrom, $0.tagHide) = (".", "no such function", "request") },
        options { ($0.tagRoot, $0.tagLeaf) = ("thread", "bytes") },
    ]

    @Test(arguments: commands)
    func `a report is given up at each question whether it is wanted, and the next one is right`(name: String) throws {
        let command = try #require(ReportCommand.named(name))
        let expression = name == "peek" || name == "list" ? "." : nil
        let profile = ProfileKind.labelled.profile(seed: 1)
        var questionCount = 0
        for options in Self.optionSets {
            func make(_ maker: inout ReportMaker, _ cancellation: Cancellation = .never) throws -> String {
                Self.text(
                    try maker.make(command, expression: expression, options: options, cancellation: cancellation))
            }
            var fresh = ReportMaker(profile)
            let patient = Impatience(patience: .max)
            let expected = try make(&fresh, patient.cancellation)
            for patience in 0..<patient.questionCount {
                var maker = ReportMaker(profile)
                let impatience = Impatience(patience: patience)
                let failure = #expect(throws: ReportFailure.self) { try make(&maker, impatience.cancellation) }
                #expect(failure.map { "\($0)" } == "interrupted")
                #expect(impatience.questionCount == patience + 1, "asked again after the answer")
                #expect(try make(&maker) == expected)
            }
            questionCount += patient.questionCount
        }
        #expect(questionCount >= Self.optionSets.count)
    }

    @Test(arguments: ["proto", "topproto"])
    func `a profile that nobody waits for is not encoded, and the next one is right`(name: String) throws {
        let command = try #require(ReportCommand.named(name))
        var maker = ReportMaker(ProfileKind.labelled.profile(seed: 1))
        let expected = Self.text(try maker.make(command, options: ReportOptions()))
        let failure = #expect(throws: ReportFailure.self) {
            try maker.make(command, options: ReportOptions(), cancellation: Cancellation { true })
        }
        #expect(failure.map { "\($0)" } == "interrupted")
        // How often it is asked while it is encoded is a matter of time.
        let patient = Cancellation { false }
        #expect(Self.text(try maker.make(command, options: ReportOptions(), cancellation: patient)) == expected)
    }

    @Test func `a long walk over samples asks every few thousand frames`() throws {
        let profile = ProfileKind.cpu.profile(seed: 1)
        var long = profile
        for _ in 0..<20_000 {
            long.addSample(
                locations: (0..<10).map { LocationIndex(rawValue: $0) },
                values: profile.sampleTypes.map { _ in 1 })
        }
        for isTree in [false, true] {
            var options = ReportOptions()
            options.callTree = isTree
            let patient = Impatience(patience: .max)
            _ = try DotReport(
                ReportContext(long, kind: .dot, options: options, cancellation: patient.cancellation))
            #expect(patient.questionCount >= 3)
        }
    }
}

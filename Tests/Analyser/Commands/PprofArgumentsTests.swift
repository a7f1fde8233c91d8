import ProfileFetch
import ProfileReport
import Testing

@testable import PprofCommands

@Suite struct PprofArgumentsTests {
    @Test("Flags have one or two dashes, and their values stand behind an equals sign or as the next argument")
    func forms() throws {
        let arguments = try parse("-top", "--nodecount=20", "-focus", "main", "--cum", "-trim=false", "cpu.pb.gz")
        #expect(arguments.command?.name == "top")
        #expect(arguments.options.nodeCount == 20)
        #expect(arguments.options.focus == "main")
        #expect(arguments.options.sort == .cum)
        #expect(!arguments.options.trim)
        #expect(arguments.sources.sources == ["cpu.pb.gz"])
    }

    @Test("The first argument that is no flag ends them")
    func positional() throws {
        #expect(try parse("-top", "a", "-cum").sources.sources == ["a", "-cum"])
        #expect(try parse("-top", "--", "-a").sources.sources == ["-a"])
        #expect(try parse("-").sources.sources == ["-"])
    }

    @Test("A program before the sources takes the place of the main binary")
    func executable() throws {
        let arguments = try PprofArguments(["-raw", "program", "a", "b"]) { $0 == "program" }
        #expect(arguments.sources.executable == "program")
        #expect(arguments.sources.sources == ["a", "b"])
        #expect(try PprofArguments(["program"]) { _ in true }.sources.sources == ["program"])
    }

    @Test(
        "What is wrong with flags is said in the words of pprof",
        arguments: [
            (["-foo", "x"], "flag provided but not defined: -foo"),
            (["-nodecount=x", "f"], "invalid value \"x\" for flag -nodecount: parse error"),
            (
                ["-nodecount=9223372036854775808", "f"],
                "invalid value \"9223372036854775808\" for flag -nodecount: value out of range"
            ),
            (["-top=x", "f"], "invalid boolean value \"x\" for -top: parse error"),
            (["-focus"], "flag needs an argument: -focus"),
            (["---x", "f"], "bad flag syntax: ---x"),
            (["-=x", "f"], "bad flag syntax: -=x"),
            ([], "no profile source specified"),
            (["-top"], "no profile source specified"),
            (["-cum", "-flat", "f"], "conflicting options set: [cum flat]"),
            (["-top", "-text", "f"], "must set at most one output format"),
            (["-list=a", "-peek=b", "f"], "must set at most one output format"),
            (["-base=a", "-diff_base=b", "f"], "-base and -diff_base flags cannot both be specified"),
            (["-normalize", "f"], "must have base profile to normalize by"),
            (["-http=:0", "-top", "f"], "-http is not compatible with an output format on the command line"),
            (["-no_browser", "f"], "-no_browser only makes sense with -http"),
        ])
    func failures(arguments: [String], message: String) {
        var text = ""
        do throws(PprofArguments.Failure) {
            _ = try PprofArguments(arguments) { _ in false }
        } catch {
            text = error.description
        }
        #expect(text == message)
    }

    @Test("The old names of sample types still work, and the second is named as ignored")
    func sampleTypes() throws {
        #expect(try parse("-inuse_space", "f").options.sampleIndex == "inuse_space")
        let delay = try parse("-mean_delay", "f")
        #expect(delay.options.mean)
        #expect(delay.options.sampleIndex == "delay")
        let two = try parse("-alloc_space", "-inuse_objects", "f")
        #expect(two.options.sampleIndex == "inuse_objects")
        #expect(two.notices == ["Multiple value selections, ignoring -alloc_space"])
    }

    @Test("A base is subtracted, and may be what shares are of")
    func bases() throws {
        let base = try parse("-base", "old", "-normalize", "new").sources
        #expect(base.bases == ["old"])
        #expect(!base.isDifference)
        #expect(base.normalizes)
        #expect(try parse("-diff_base", "old", "new").sources.isDifference)
    }

    private func parse(_ arguments: String...) throws -> PprofArguments {
        try PprofArguments(arguments) { _ in false }
    }
}

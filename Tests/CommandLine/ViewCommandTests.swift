import Foundation
import ProfileModel
import ProfileReader
import Testing

/// `sprof flamegraph`, `convert` and `diff` as they are called.
@Suite(.enabled(if: SprofBinary.path != nil, Comment(rawValue: SprofBinary.reason)))
struct ViewCommandTests {
    private func workspace() throws -> SprofWorkspace {
        let workspace = SprofWorkspace()
        _ = try workspace.folder.file(ProfileFixture.full(), named: "cpu.pb.gz")
        var changed = ProfileFixture.full()
        let fib = changed.samples[1]
        changed.addSample(locations: Array(fib.locations), values: [300, 3_000_000_000])
        _ = try workspace.folder.file(changed, named: "changed.pb.gz")
        return workspace
    }

    @Test func `a page goes to standard output or a file, and filters and options hold for it`() throws {
        let workspace = try workspace()
        let page = try workspace.run(["flamegraph", "cpu.pb.gz"])
        #expect(page.exitStatus == 0 && page.errors == "")
        #expect(page.output.hasPrefix("<!DOCTYPE html>") && page.output.contains(#""selected":1,"#))
        #expect(page.output.contains("\"rare\"") && page.output.contains("\"hasBase\":false"))
        let filtered = try workspace.run([
            "flamegraph", "--ignore", "rare", "--sample-index", "samples", "-o", "flame.html", "cpu.pb.gz",
        ])
        #expect(filtered.exitStatus == 0)
        let file = try String(contentsOfFile: workspace.path("flame.html"), encoding: .utf8)
        #expect(!file.contains("\"rare\"") && file.contains(#""selected":0,"#) && file.contains("ignore=rare"))
        let compared = try workspace.run(["flamegraph", "--diff-base", "cpu.pb.gz", "--normalize", "changed.pb.gz"])
        #expect(compared.output.contains("\"hasBase\":true,\"isNormalized\":true"))
    }

    @Test func `a flame graph of text has the width that is asked for, and no colours in a file`() throws {
        let workspace = try workspace()
        let text = try workspace.run(["flamegraph", "--text", "--width", "60", "cpu.pb.gz"])
        let lines = text.output.split(separator: "\n")
        #expect(lines.prefix(3) == ["program, cpu: 2.17s", "│all 100%", "│main 100%"])
        #expect(lines.allSatisfy { $0.count <= 60 })
        #expect(!text.output.contains("\u{1b}"))
        #expect(try workspace.run(["flamegraph", "--text", "--width", "5", "cpu.pb.gz"]).exitStatus == 64)
    }

    @Test func `profiles are converted to every format`() throws {
        let workspace = try workspace()
        func convert(_ format: String, _ more: String...) throws -> String {
            let outcome = try workspace.run(["convert", "--to", format] + more + ["cpu.pb.gz"])
            #expect(outcome.exitStatus == 0 && outcome.errors == "", "\(format): \(outcome.errors)")
            return outcome.output
        }
        #expect(try convert("folded").split(separator: "\n").contains("main;fib;fib;fib 600000000"))
        #expect(try convert("folded", "--sample-index=samples").contains("main;fib;fib;fib 60\n"))
        #expect(try convert("folded", "--noinlines").contains("closure") == false)
        #expect(try convert("callgrind").hasPrefix("positions: instr line\nevents: cpu"))
        for format in ["speedscope", "json"] {
            #expect(try JSONSerialization.jsonObject(with: Data(convert(format).utf8)) is [String: Any], "\(format)")
        }
        _ = try convert("pprof", "--focus=fib", "-o", "fib.pb.gz")
        #expect(try ProfileReader.read(contentsOf: workspace.path("fib.pb.gz")).samples.count == 1)
        #expect(try workspace.run(["convert", "--to", "nothing", "cpu.pb.gz"]).exitStatus == 64)
        #expect(try workspace.run(["convert", "--to", "json", "missing.pb.gz"]).exitStatus == 1)
    }

    @Test func `a comparison ends with 0, or with 1 and a sentence when a condition holds, or 2 without profiles`()
        throws
    {
        let workspace = try workspace()
        let fine = try workspace.run(["diff", "cpu.pb.gz", "changed.pb.gz", "--fail-if", "cum(fib)>90%"])
        #expect(fine.exitStatus == 0 && fine.errors == "")
        #expect(fine.output.contains("*  fib\n"))
        let failed = try workspace.run([
            "diff", "cpu.pb.gz", "changed.pb.gz", "--fail-if", "growth(fib)>2pp", "--fail-if", "flat(fi.)>50%",
        ])
        #expect(failed.exitStatus == 1)
        #expect(
            failed.errors.split(separator: "\n").map { $0.prefix(27) } == [
                "sprof: growth(fib) is 41.98", "sprof: flat(fi.) is 69.63 %",
            ], "\(failed.errors)")
        let same = try workspace.run(["diff", "cpu.pb.gz", "cpu.pb.gz", "--fail-if", "growth(.)>=0pp", "--json"])
        #expect(same.exitStatus == 0 && same.errors.contains("within what chance explains"))
        #expect(try JSONSerialization.jsonObject(with: Data(same.output.utf8)) is [String: Any])
        #expect(try workspace.run(["diff", "cpu.pb.gz", "missing.pb.gz"]).exitStatus == 2)
        let nothing = try workspace.run(["diff", "cpu.pb.gz", "cpu.pb.gz", "--focus=nobody", "--fail-if", "cum(.)>5%"])
        #expect(
            nothing.exitStatus == 2
                && nothing.errors.contains("nothing to compare: there is no cpu in cpu.pb.gz after the filters"),
            "\(nothing.errors)")
        #expect(try workspace.run(["diff", "cpu.pb.gz", "cpu.pb.gz", "--fail-if", "cum(fib)>9pp"]).exitStatus == 64)
        #expect(try workspace.run(["diff", "cpu.pb.gz", "cpu.pb.gz", "--overdispersion", "0.5"]).exitStatus == 64)
    }

    @Test(arguments: [
        ("diff", ["--addresses"]), ("diff", ["--unit=ms"]), ("diff", ["--divide-by=2"]), ("diff", ["--mean"]),
        ("diff", ["--nodefraction=0.1"]), ("diff", ["--relative-percentages"]), ("diff", ["--drop-negative"]),
        ("diff", ["--call-tree"]), ("diff", ["--filefunctions"]), ("flamegraph", ["--mean"]),
        ("flamegraph", ["--divide-by=2"]), ("flamegraph", ["--text", "--unit=ms"]),
        ("flamegraph", ["--text", "--nodecount=5"]), ("convert", ["--to=folded", "--lines"]),
        ("convert", ["--to=speedscope", "--mean"]),
    ])
    func `an option without effect is refused by its name`(command: String, options: [String]) throws {
        let workspace = try workspace()
        let sources = command == "diff" ? ["cpu.pb.gz", "changed.pb.gz"] : ["cpu.pb.gz"]
        let outcome = try workspace.run([command] + options + sources)
        let name = String(options[options.count - 1].prefix { $0 != "=" })
        #expect(outcome.exitStatus == 64 && outcome.errors.contains("\(name) has no effect on"), "\(outcome.errors)")
    }

    @Test func `functions, lines and files can be compared`() throws {
        let workspace = try workspace()
        for granularity in ["--lines", "--files"] {
            let outcome = try workspace.run(["diff", granularity, "-n", "5", "cpu.pb.gz", "changed.pb.gz"])
            #expect(outcome.exitStatus == 0 && outcome.output.contains(".c"), "\(outcome.output)")
        }
    }

    @Test func `what is divided is divided in the form for scripts, too`() throws {
        let workspace = try workspace()
        for arguments in [["top"], ["tree"], ["tags"]] {
            let outcome = try workspace.run(arguments + ["--json", "--divide-by=1000000", "cpu.pb.gz"])
            let json = try #require(
                JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any], "\(arguments)")
            #expect(json["total"] as? Int == 2170, "\(arguments)")
        }
    }

    @Test func `tree, peek and tags have a form for scripts`() throws {
        let workspace = try workspace()
        for arguments in [["tree"], ["peek", "fib"], ["tags"], ["top"]] {
            let outcome = try workspace.run(arguments + ["--json", "cpu.pb.gz"])
            let json = try #require(
                JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any], "\(arguments)")
            #expect(json["total"] as? Int == 2_170_000_000, "\(arguments)")
        }
    }
}

import Glibc
import Primitives
import Testing

/// Reports as subcommands of sprof.
@Suite(.enabled(if: SprofBinary.path != nil, Comment(rawValue: SprofBinary.reason)))
struct ReportSubcommandTests {
    @Test(
        "A subcommand prints what sprof pprof prints, its options with dashes or underscores",
        arguments: [
            ("top -n 2 --cum cpu.pb.gz", "-top -nodecount=2 -cum cpu.pb.gz"),
            ("text cpu.pb.gz", "-text cpu.pb.gz"),
            ("tree --show-from hot cpu.pb.gz", "-tree -show_from hot cpu.pb.gz"),
            ("peek hot cpu.pb.gz", "-peek hot cpu.pb.gz"),
            ("traces --tagfocus=comm cpu.pb.gz", "-traces -tagfocus=comm cpu.pb.gz"),
            ("tags cpu.pb.gz", "-tags cpu.pb.gz"), ("comments cpu.pb.gz", "-comments cpu.pb.gz"),
            ("raw cpu.pb.gz", "-raw cpu.pb.gz"), ("dot --call_tree cpu.pb.gz", "-dot -call_tree cpu.pb.gz"),
            ("callgrind cpu.pb.gz", "-callgrind cpu.pb.gz"), ("list main cpu.pb.gz", "-list main cpu.pb.gz"),
            ("proto cpu.pb.gz | zcat", "-proto cpu.pb.gz | zcat"),
            ("topproto cpu.pb.gz | zcat", "-topproto cpu.pb.gz | zcat"),
            ("top --diff_base base.pb.gz --normalize cpu.pb.gz", "-top -diff_base base.pb.gz -normalize cpu.pb.gz"),
            ("top --base=base.pb.gz --lines --no-trim cpu.pb.gz", "-top -base=base.pb.gz -lines -trim=false cpu.pb.gz"),
            (
                "top --unit ms --sample_index samples --divide-by 2 cpu.pb.gz base.pb.gz",
                "-top -unit ms -sample_index samples -divide_by 2 cpu.pb.gz base.pb.gz"
            ),
        ])
    func equivalence(subcommand: String, flags: String) throws {
        let fixture = try AnalyserFixture()
        let ours = try fixture.sprof(subcommand, command: "")
        #expect(ours.status == 0, "\(ours.errors)")
        #expect(!ours.output.isEmpty)
        #expect(try ours.output == fixture.sprof(flags).output)
    }

    @Test("What goes wrong ends with status 1, a wrong option with 64")
    func failures() throws {
        let fixture = try AnalyserFixture()
        let missing = try fixture.sprof("top nothing.pb.gz", command: "")
        #expect(missing.status == 1)
        #expect(missing.errors.contains("nothing.pb.gz: stat nothing.pb.gz: no such file or directory"))
        #expect(missing.errors.hasSuffix("sprof: failed to fetch any source profiles\n"))
        #expect(try fixture.sprof("peek nothing cpu.pb.gz", command: "").status == 1)
        #expect(try fixture.sprof("tree --json cpu.pb.gz --nothing", command: "").status == 64)
        #expect(try fixture.sprof("top --normalize cpu.pb.gz", command: "").status == 64)
        #expect(try fixture.sprof("top --base a --diff-base b cpu.pb.gz", command: "").status == 64)
        #expect(try fixture.sprof("top --cum --flat cpu.pb.gz", command: "").status == 64)
    }

    @Test("The shell tells a script by its status that a command failed, and writes no prompt for it")
    func scripts() throws {
        let fixture = try AnalyserFixture()
        let good = try fixture.sprof("cpu.pb.gz", input: "top 1\n", command: "shell")
        #expect(good.status == 0)
        #expect(good.output.hasPrefix("Showing nodes accounting for"))
        #expect(!good.errors.contains("(pprof)"))
        #expect(try fixture.sprof("cpu.pb.gz", input: "top 1\nnothing\n", command: "shell").status == 1)
    }

    @Test(
        "Every command and option has help, which names its values",
        arguments: ["top", "list", "nodecount", "cum", "sample_index"])
    func help(topic: String) throws {
        let outcome = try AnalyserFixture().sprof("cpu.pb.gz", input: "help \(topic)\nhelp\n", command: "shell")
        #expect(outcome.status == 0)
        #expect(!outcome.errors.contains("Unknown command"))
        #expect(outcome.errors.contains("  Commands:\n"))
        if topic == "sample_index" { #expect(outcome.errors.contains("samples, cpu")) }
    }

    @Test(
        "Graphviz draws graphs, which can be moved and enlarged",
        .enabled(if: PprofOracle.shell("dot -V").status == 0, "Graphviz is not installed"))
    func drawing() throws {
        let fixture = try AnalyserFixture()
        let svg = try fixture.sprof("svg cpu.pb.gz", command: "")
        #expect(svg.status == 0, "\(svg.errors)")
        #expect(svg.output.contains("<svg width=\"100%\" height=\"100%\""))
        #expect(svg.output.contains("<g id=\"viewport\""))
        let check = PprofOracle.shell(
            "'\(SprofBinary.path ?? "")' svg '\(fixture.folder.path)/cpu.pb.gz' | "
                + "python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin)'")
        #expect(check.status == 0, "\(check.errors)")
        #expect(try fixture.sprof("png -o graph.png cpu.pb.gz", command: "").status == 0)
        #expect(
            contents(ofSmallFile: fixture.folder.path + "/graph.png")?.starts(with: [0x89, 0x50, 0x4e, 0x47]) == true)
    }

    @Test("Without Graphviz a graph is refused with what to install, and what needs nothing")
    func noGraphviz() throws {
        let fixture = try AnalyserFixture()
        let binary = try #require(SprofBinary.path)
        let outcome = PprofOracle.shell("PATH=/nonexistent '\(binary)' svg '\(fixture.folder.path)/cpu.pb.gz'")
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("apt-get install graphviz"))
        #expect(outcome.errors.contains("sprof flamegraph"))
    }

    @Test("A viewer is started on the drawing, which goes when it has ended")
    func viewer() throws {
        let fixture = try AnalyserFixture()
        // A browser that keeps a copy of what it is shown.
        let browser = fixture.folder.path + "/browser"
        PprofOracle.shell(
            "printf '#!/bin/sh\\ncp \"$1\" \"$0.shown\"; echo \"$1\" >\"$0.path\"\\n' >'\(browser)'; chmod +x '\(browser)'"
        )
        let binary = try #require(SprofBinary.path)
        let outcome = PprofOracle.shell(
            "BROWSER='\(browser)' TMPDIR='\(fixture.folder.path)' '\(binary)' weblist main '\(fixture.folder.path)/cpu.pb.gz'"
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(text(ofSmallFile: browser + ".shown")?.contains("<html") == true)
        let path = try #require(text(ofSmallFile: browser + ".path"))
        #expect(path.hasPrefix(fixture.folder.path + "/pprof001.html"))
        #expect(access(path, F_OK) != 0)
    }
}

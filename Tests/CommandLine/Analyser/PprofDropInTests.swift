import ProfileModel
import Testing

/// `sprof pprof` in place of `go tool pprof`: what it prints, what it says, and how it ends.
@Suite(
    .enabled(if: PprofOracle.isPresent, Comment(rawValue: PprofOracle.reason)),
    .enabled(if: SprofBinary.path != nil, Comment(rawValue: SprofBinary.reason)))
struct PprofDropInTests {
    @Test(
        "Flags mean what they mean to go tool pprof",
        arguments: [
            "-top cpu.pb.gz", "-text --nodecount=2 cpu.pb.gz", "-top -nodecount 3 -cum cpu.pb.gz",
            "-top -lines cpu.pb.gz", "-top -addresses -noinlines cpu.pb.gz", "-top -filefunctions cpu.pb.gz",
            "-top -unit=ms cpu.pb.gz", "-top -unit auto cpu.pb.gz", "-top -divide_by=2.5 cpu.pb.gz",
            "-top -mean cpu.pb.gz", "-top -sample_index=samples cpu.pb.gz", "-top -sample_index=0 cpu.pb.gz",
            "-top -focus=fib cpu.pb.gz", "-top -ignore=fib cpu.pb.gz", "-top -hide=fib cpu.pb.gz",
            "-top -show=main cpu.pb.gz", "-top -show_from=hot cpu.pb.gz", "-top -prune_from=bar cpu.pb.gz",
            "-top -focus=nothing cpu.pb.gz", "-top -tagfocus=tid=17 cpu.pb.gz", "-top -tagignore=worker cpu.pb.gz",
            "-top -tagshow=comm cpu.pb.gz", "-top -taghide=nothing cpu.pb.gz", "-top -tagroot=comm cpu.pb.gz",
            "-top -tagleaf=comm,tid cpu.pb.gz", "-top -tagroot=nothing cpu.pb.gz",
            "-top -relative_percentages -focus=fib cpu.pb.gz", "-top -trim=false cpu.pb.gz",
            "-tree -nodefraction=0.3 -edgefraction=0.2 cpu.pb.gz", "-top -compact_labels cpu.pb.gz",
            "-top -base base.pb.gz cpu.pb.gz", "-top -diff_base=base.pb.gz cpu.pb.gz",
            "-top -diff_base base.pb.gz -normalize cpu.pb.gz", "-top -drop_negative -base=base.pb.gz cpu.pb.gz",
            "-top cpu.pb.gz base.pb.gz", "-peek=hot cpu.pb.gz",
            // Without the Swift names, which graphs shorten by rules that pprof does not have. Of a tree of calls pprof orders
            // equal nodes by chance; ReportComparisonTests ask often enough for that.
            "-dot -taghide=comm -hide=Foo cpu.pb.gz",
            "-comments -add_comment=hello cpu.pb.gz", "-top -output=report.txt cpu.pb.gz; cat report.txt",
            "-inuse_space -top cpu.pb.gz", "-contentions -total_delay -top cpu.pb.gz",
        ])
    func flags(arguments: String) throws {
        let fixture = try AnalyserFixture()
        #expect(try fixture.sprof(arguments) == fixture.pprof(arguments))
    }

    @Test(
        "What goes wrong is said in the same words, and ends with the same status",
        arguments: [
            "-top -sample_index=7 cpu.pb.gz", "-top -sample_index=nothing cpu.pb.gz", "-top -divide_by=0 cpu.pb.gz",
            "-peek=nothing cpu.pb.gz", "-list=nothing cpu.pb.gz", "-list=hot -tagfocus=nothing=x cpu.pb.gz",
            "-peek=hot -focus=nothing cpu.pb.gz", "-peek=hot -tagfocus=1kb: cpu.pb.gz",
            "-top -divide_by=1_000 cpu.pb.gz", "-cum -flat -top cpu.pb.gz", "-top -text cpu.pb.gz",
            "-top nothing.pb.gz; true", "-top /etc/passwd", "-top nothing.pb.gz cpu.pb.gz",
            "-base nothing -top cpu.pb.gz",
            "-normalize -top cpu.pb.gz", "-no_browser cpu.pb.gz", "-http=:0 -top cpu.pb.gz", "-top .",
            "-base=a -diff_base=b -top cpu.pb.gz",
        ])
    func failures(arguments: String) throws {
        let fixture = try AnalyserFixture()
        let ours = try fixture.sprof(arguments)
        var theirs = try fixture.pprof(arguments)
        // HEAD looks for a file before it opens it.
        theirs.errors = theirs.errors.replacing("open nothing", with: "stat nothing")
        // Which of two options it names first is left to chance there.
        theirs.errors = theirs.errors.replacing("[flat cum]", with: "[cum flat]")
        #expect(ours == theirs)
    }

    @Test("A profile whose drop_frames is malformed keeps all frames, as in pprof, and only sprof says so")
    func malformedDropFrames() throws {
        let fixture = try AnalyserFixture()
        var profile = ProfileFixture.full()
        (profile.timeNanoseconds, profile.docURL) = (0, .empty)
        for index in profile.mappings.indices { profile.mappings[index].hasFunctions = true }
        profile.dropFrames = profile.intern("fib|(")
        _ = try fixture.folder.file(profile, named: "dropping.pb.gz")
        var ours = try fixture.sprof("-traces dropping.pb.gz")
        #expect(
            ours.errors
                == "No frames are dropped: the profile's drop_frames or keep_frames is malformed: "
                + "error parsing regexp: missing closing ): `^(fib|()$`\n")
        ours.errors = ""
        #expect(try ours == fixture.pprof("-traces dropping.pb.gz"))
        #expect(ours.status == 0 && ours.output.contains("fib"))
    }

    @Test("Wrong flags are named, and all flags are listed; asking for that is no failure")
    func usage() throws {
        let fixture = try AnalyserFixture()
        let wrong = try fixture.sprof("-foo cpu.pb.gz")
        #expect(wrong.status == 2)
        #expect(wrong.errors.hasPrefix("flag provided but not defined: -foo\nusage:\n"))
        for name in ["-top", "-nodecount", "-tls_ca", "-diff_base", "PPROF_BINARY_PATH"] {
            #expect(wrong.errors.contains(name))
        }
        let nothing = try fixture.sprof("")
        #expect(nothing.status == 2)
        #expect(nothing.errors.hasSuffix("no profile source specified\n"))
        #expect(try fixture.sprof("-help").status == 0)
    }

    @Test("The web interface is refused with a word on what there is in its place")
    func web() throws {
        let outcome = try AnalyserFixture().sprof("-http=localhost:0 cpu.pb.gz")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("sprof flamegraph"))
    }

    @Test(
        "The shell answers scripts as go tool pprof does",
        arguments: [
            "top\ntop 2\ntop3 -cum\ntext 1 fib\ntree 2\npeek hot\npeek nothing\ncomments\n",
            "focus=fib\ntop\nignore=main //: a remark\ntop\n:\ntop\nshow_from=hot\ntop\n",
            "samples\ntop\ncpu\ntop 1\nmean_cpu\ntop\ntotal_cpu\ntop 1\nsample_index=0\ntop\nsample_index=9\nsample_index=x\n",
            "foo\ntop12x\nfocus\nlist\nnodecount=x\nnodecount=99999999999999999999\ntrim=q\nsort=z\nnodefraction=.\ntop >\n",
            "nodecount=2\ntop\ntree\nunit=us\ntop\nnoinlines\ntop\nnoinlines=no\ncall_tree=yes\ntaghide=comm\ndot\n",
            "granularity=lines\ntop\ncum=1\ntop\ncum=0\nsort=cum\nlines=true\ntop 1\ntop >out.txt\ntop 1 > out2.txt\n",
            "\n   \nhelp nothing\ntop  fib  -hot\ntop -nothing\ndivide_by=0\ntop\ndivide_by=2\ntop\nquit\ntop\n",
            "tagfocus=tid=17\ntop\ntagfocus=\ntagroot=comm\ntop\ntagroot=\ncompact_labels=false\ntop\nexit now",
            "top",
        ])
    func transcripts(script: String) throws {
        let fixture = try AnalyserFixture()
        // Messages and reports in one stream, in their order.
        let ours = try fixture.sprof("cpu.pb.gz 2>&1", input: script)
        let theirs = try fixture.pprof("cpu.pb.gz 2>&1", input: script)
        #expect(ours == theirs)
    }

    @Test("A choice alone sets its option, which go tool pprof refuses")
    func leniency() throws {
        let fixture = try AnalyserFixture()
        let short = try fixture.sprof("cpu.pb.gz", input: "cum\nlines\ntop\n")
        let long = try fixture.sprof("cpu.pb.gz", input: "sort=cum\ngranularity=lines\ntop\n")
        #expect(short == long)
        #expect(short.output.contains(".c:12"))
    }
}

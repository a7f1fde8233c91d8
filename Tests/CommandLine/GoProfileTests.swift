import ProfileWriter
import Testing

/// Profiles that a Go program makes of itself, as `sprof pprof` and as Go's pprof show them.
@Suite(.enabled(if: SprofBinary.path != nil && PprofOracle.isPresent, "sprof is not built, or \(PprofOracle.reason)"))
struct GoProfileTests {
    /// A program with profiles of every kind, and with goroutines that wait for a receiver that never comes.
    private static let source = """
        package main

        import (
        \t"context"
        \t"os"
        \t"runtime"
        \t"runtime/pprof"
        \t"sync"
        \t"time"
        )

        var kept [][]byte

        func alloc(outCh chan<- int, ready *sync.WaitGroup) {
        \tbuffer := make([]byte, 1<<16)
        \tbuffer[0] = 1
        \tready.Done()
        \toutCh <- 0
        \truntime.KeepAlive(buffer)
        }

        func spin(rounds int) (sum int) {
        \tfor i := 0; i < rounds; i++ {
        \t\tsum += i * i % 7
        \t}
        \treturn sum
        }

        func contend(mutex *sync.Mutex, done *sync.WaitGroup) {
        \tdefer done.Done()
        \tfor i := 0; i < 20; i++ {
        \t\tmutex.Lock()
        \t\ttime.Sleep(100 * time.Microsecond)
        \t\tmutex.Unlock()
        \t}
        }

        func write(name, file string) {
        \tout, err := os.Create(file)
        \tif err != nil {
        \t\tpanic(err)
        \t}
        \tdefer out.Close()
        \tif err := pprof.Lookup(name).WriteTo(out, 0); err != nil {
        \t\tpanic(err)
        \t}
        }

        func main() {
        \truntime.MemProfileRate = 1024
        \truntime.SetBlockProfileRate(1)
        \truntime.SetMutexProfileFraction(1)
        \tcpu, _ := os.Create("cpu.pb.gz")
        \tpprof.StartCPUProfile(cpu)
        \tfor _, phase := range []string{"first", "second"} {
        \t\tpprof.Do(context.Background(), pprof.Labels("phase", phase), func(context.Context) { spin(200_000_000) })
        \t}
        \tpprof.StopCPUProfile()
        \tvar mutex sync.Mutex
        \tvar done, ready sync.WaitGroup
        \tfor i := 0; i < 4; i++ {
        \t\tdone.Add(1)
        \t\tgo contend(&mutex, &done)
        \t}
        \tdone.Wait()
        \twrite("goroutine", "before.pb.gz")
        \toutCh := make(chan int)
        \tfor i := 0; i < 50; i++ {
        \t\tready.Add(1)
        \t\tgo alloc(outCh, &ready)
        \t\tkept = append(kept, make([]byte, 1<<14))
        \t}
        \tready.Wait()
        \t// With one processor for Go, all others wait by the time that this one goes on.
        \truntime.GOMAXPROCS(1)
        \tfor i := 0; i < 100; i++ {
        \t\truntime.Gosched()
        \t}
        \twrite("goroutine", "after.pb.gz")
        \tfor _, name := range []string{"heap", "allocs", "block", "mutex", "threadcreate"} {
        \t\twrite(name, name+".pb.gz")
        \t}
        }
        """

    @Test func `reports on all profiles of a Go program are those of Go's pprof`() throws {
        let workspace = try Self.workspace()
        for profile in ["cpu", "block", "mutex", "threadcreate", "before", "after", "heap", "allocs"] {
            for report in ["-top", "-top -cum -lines", "-tree", "-peek=main", "-comments", "-dot"] {
                try Self.compare("\(report) \(profile).pb.gz", in: workspace)
            }
            // Debian's pprof merges what it loads, so that samples without values are gone there.
            if profile != "heap", profile != "allocs" { try Self.compare("-traces \(profile).pb.gz", in: workspace) }
        }
        try Self.compare("-traces -tagfocus=phase:second cpu.pb.gz", in: workspace)
        try Self.compare("-top -tagroot=phase cpu.pb.gz", in: workspace)
        try Self.compare("-top -sample_index=alloc_space -focus=main heap.pb.gz", in: workspace)
        try Self.compare("-top -mean block.pb.gz", in: workspace)
    }

    @Test func `a leak of goroutines is found by the difference of two profiles, down to the line`() throws {
        let workspace = try Self.workspace()
        for report in ["-top", "-traces", "-tree", "-raw"] {
            try Self.compare("\(report) -base=before.pb.gz after.pb.gz", in: workspace)
            try Self.compare("\(report) -diff_base=before.pb.gz after.pb.gz", in: workspace)
        }
        let top = try workspace.run(["pprof", "-top", "-cum", "-base=before.pb.gz", "after.pb.gz"]).output
        let entry = try #require(top.split(separator: "\n").first { $0.hasSuffix("main.alloc") })
        #expect(entry.split(separator: " ")[3] == "50")
        let list = try workspace.run(["pprof", "-list", "main.alloc", "-base=before.pb.gz", "after.pb.gz"]).output
        let culprit = try #require(list.split(separator: "\n").first { $0.hasSuffix("outCh <- 0") })
        #expect(culprit.split(separator: " ").prefix(2) == [".", "50"])
        try Self.compare("-list=main.alloc -base=before.pb.gz after.pb.gz", in: workspace)
    }

    /// A folder with the profiles of a run of the program.
    private static func workspace() throws -> SprofWorkspace {
        let workspace = SprofWorkspace()
        try ProfileFile.write(Array((source + "\n").utf8), to: workspace.path("main.go"))
        let build = PprofOracle.shell(
            "cd '\(workspace.folder.path)' && GO111MODULE=off GOFLAGS= go build -o program main.go && ./program")
        try #require(build.status == 0, "\(build.errors)")
        return workspace
    }

    private static func compare(_ arguments: String, in workspace: SprofWorkspace) throws {
        let theirs = PprofOracle.shell("cd '\(workspace.folder.path)' && $(go tool -n pprof) \(arguments)")
        let ours = try workspace.run(["pprof"] + arguments.split(separator: " ").map(String.init))
        #expect(ours.exitStatus == theirs.status)
        #expect(comparable(ours.output) == comparable(theirs.output), "\(arguments)")
    }

    /// Without what differs in Debian's pprof of 2022: the layout of the time, and columns.
    private static func comparable(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("Time: ") }.map { line in
            let withoutTime = line.replacing(/Time: [^\\]*\\l/, with: "")
            return String(withoutTime.replacing(/(:\d+):\d+ s=/) { "\($0.output.1) s=" })
        }
    }
}

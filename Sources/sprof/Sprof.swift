import ArgumentParser
import Glibc
import Symbolizer

/// The command line of sprof.
struct Sprof: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sprof",
        abstract: "Sample any Linux process into a pprof profile.",
        discussion: """
            Start with one of these:
              sprof record -p PID -d 30s -o cpu.pb.gz    profile a running process for 30 seconds
              sprof record -- ./program --its-args       run and profile a program
              sprof top cpu.pb.gz                        show where the time went
              sprof doctor                               what works on this machine, and how to enable the rest
            """,
        version: "0.1.0",
        subcommands: [
            Record.self, Doctor.self, ShellSubcommand.self, Flamegraph.self, Convert.self, Diff.self,
        ] + ReportSubcommands.all + [Pprof.self])
}

@main
enum Main {
    static func main() {
        // Whoever started us may ignore it, and so would we: then the kernel tells nobody how a child ended.
        signal(SIGCHLD, SIG_DFL)
        // A symbolizing worker has nothing to parse: it must start fast and answer on its socket.
        if CommandLine.argc >= 2, CommandLine.arguments[1] == symbolizeWorkerArgument {
            switch CommandLine.arguments.dropFirst(2).first {
            case nil: runSymbolizeWorker(socket: symbolizeWorkerSocket)
            case "probe": runSandboxProbe(walls: CommandLine.arguments.dropFirst(3).first)
            default: exit(EX_USAGE)
            }
        }
        if CommandLine.argc == 2, CommandLine.arguments[1] == NameWorker.argument { NameWorker.run() }
        // pprof's arguments are not ours: one dash begins a whole name.
        if CommandLine.argc >= 2, CommandLine.arguments[1] == "pprof" {
            exit(Pprof.run(Array(CommandLine.arguments.dropFirst(2))))
        }
        Sprof.main(ArgumentSpelling.normalized(Array(CommandLine.arguments.dropFirst())))
    }
}

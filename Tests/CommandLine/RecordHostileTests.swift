import Glibc
import Primitives
import ProfileModel
import Testing

/// Recordings with a program beside others whose file harms its reader: its own names suffer, nothing else.
@Suite(
    .serialized,
    .enabled(if: SprofBinary.canRecord && HostileProgram.isAvailable, "needs perf_event, gcc, python3 and objcopy"))
struct RecordHostileTests {
    private let workspace = SprofWorkspace()
    private let programs: CompiledPrograms

    init() throws {
        programs = try CompiledPrograms()
    }

    /// Records `path` and the known program side by side.
    private func record(_ path: String, symbolTimeout: String = "8s") throws -> Recorded {
        let known = try programs.compile(KnownProgram.source, "gcc -O1 -g", name: "known")
        let script = "'\(path)' & '\(known)' 300; wait"
        return try workspace.record(
            ["-F", "499", "--symbol-timeout", symbolTimeout, "--", "sh", "-c", script], seconds: 120)
    }

    private func checkNeighbour(_ recorded: Recorded) {
        for name in ["half", "third", "fifth", "burn"] { #expect(recorded.functionNames.contains(name), "\(name)") }
    }

    @Test(arguments: [HostileProgram.deepTree, .originCycle, .inflatedLines, .manyRows, .pipeLink])
    func `a file that is survived has its names`(kind: HostileProgram) throws {
        let recorded = try record(try kind.make(in: programs, name: kind.rawValue))
        checkNeighbour(recorded)
        #expect(recorded.functionNames.contains("hot_loop"))
    }

    @Test func `a symbol that no demangler survives is shown as it is, and the account names the file`() throws {
        let kind = HostileProgram.doublingSymbol
        // The demangler gives up by itself after some 5 s, when it has taken all the memory that it may.
        let recorded = try record(try kind.make(in: programs, name: kind.rawValue), symbolTimeout: "2s")
        checkNeighbour(recorded)
        #expect(recorded.functionNames.contains(kind.symbol))
        #expect(recorded.functionNames.contains("main"))
        #expect(
            recorded.comments.contains { $0.contains(kind.rawValue) && $0.contains("names stay mangled") })
    }

    @Test(.enabled(if: SilentFileSystem.isAvailable, "needs root and FUSE"))
    func `a debug file that nobody serves costs the limit of time and its names`() throws {
        let path = try HostileProgram.pipeLink.make(in: programs, name: "linked")
        unlink(path + ".debug")
        let mount = try SilentFileSystem(at: programs.folder + "/.debug")
        defer { mount.end() }
        let recorded = try record(path)
        checkNeighbour(recorded)
        #expect(recorded.functionNames.contains("hot_loop"))
        #expect(recorded.comments.contains { $0.contains("linked") && $0.contains("took longer than 8 s") })
    }

    @Test func `a program whose section table is damaged is recorded, and the account says why it has no names`() throws
    {
        // Other code than its neighbour's: the same build would be the same file.
        let path = try programs.compile(KnownProgram.source, "gcc -O0 -g", name: "damaged")
        do {
            // Closed again before the program is started (ETXTBSY). e_shoff: far behind the end.
            let file = try FileDescriptor(opening: path, O_WRONLY)
            var offset = UInt64(1) << 40
            #expect(pwrite(file.raw, &offset, 8, 40) == 8)
        }
        let recorded = try record(path + "' '200")
        checkNeighbour(recorded)
        #expect(recorded.comments.contains { $0.contains("damaged") && $0.contains("section table") })
    }
}

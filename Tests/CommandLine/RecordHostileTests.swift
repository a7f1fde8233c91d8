import ELF
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

    /// A program whose unwind information nobody serves once it is first needed; it knows its stacks for itself.
    private func serveUntilUnwound(
        _ name: String, _ silence: FuseFileSystem.Silence
    ) throws -> (mount: FuseFileSystem, path: String) {
        let path = try programs.compile(KnownProgram.source, "gcc -O1 -g", name: name)
        let image = try ElfImage(reading: try FileDescriptor(opening: path))
        let bytes = try FileDescriptor(opening: path).readToEnd(limit: 1 << 24)
        let mount = try FuseFileSystem(at: programs.folder + "/served", files: [name: bytes])
        let sections = [".eh_frame_hdr", ".eh_frame"].compactMap { image.section(named: $0) }
        mount.fallSilent(silence, whenReading: sections.map { $0.offset.value..<$0.offset.value + $0.size }, of: name)
        return (mount, programs.folder + "/served/" + name)
    }

    @Test(
        .enabled(if: SilentFileSystem.isAvailable, "needs root and FUSE"),
        arguments: [FuseFileSystem.Silence.waiting, .taken])
    func `a file system that falls silent costs two seconds and the stacks of the program on it`(
        silence: FuseFileSystem.Silence
    ) throws {
        let (mount, path) = try serveUntilUnwound("quiet", silence)
        defer { mount.end() }
        // The program's own neighbour runs on when the recorder comes back. The shell is not kept from ending by what the
        // program waits for.
        let known = try programs.compile(KnownProgram.source, "gcc -O1 -g", name: "known")
        let recorded = try workspace.record(
            ["-F", "499", "--", "sh", "-c", "'\(path)' 300 & '\(known)' 3000"], seconds: 120)
        #expect(mount.isSilent)
        checkNeighbour(recorded)
        #expect(recorded.functionNames.contains("[unwind failed: file system does not answer]"))
        #expect(
            recorded.comments.contains { $0.contains("/served/quiet") && $0.contains("stopped answering") },
            "\(recorded.comments)")
    }

    @Test(.enabled(if: SilentFileSystem.isAvailable, "needs root and FUSE"))
    func `Ctrl-C ends a recording whose target's file system has fallen silent`() throws {
        let (mount, path) = try serveUntilUnwound("endless", .taken)
        defer { mount.end() }
        let running = try workspace.start(["record", "-o", "cpu.pb.gz", "--", path, "100000"])
        while !mount.isSilent { usleep(10_000) }
        running.send(SIGINT)
        let outcome = running.wait(seconds: 60)
        #expect(outcome.isInTime && outcome.signal == nil, "\(outcome.errors)")
        let profile = try workspace.profile("cpu.pb.gz")
        #expect(!profile.samples.isEmpty)
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

import FuzzKit
import Primitives

@testable import Symbolizer

/// What the decoder of a worker reads, and what a worker that was taken over could answer.
func symbolizingTargets(_ folder: SampleFolder) -> [FuzzTarget] {
    var entries: [FuzzSeed] = []
    var lines: [FuzzSeed] = []
    var symbols: [FuzzSeed] = []
    for bytes in folder.programs {
        guard let map = ImageMap(bytes) else { continue }
        entries.append(
            FuzzSeed(
                bytes,
                places: map.places([
                    ".debug_info", ".debug_abbrev", ".debug_ranges", ".debug_rnglists", ".debug_str_offsets",
                    ".debug_addr", ".debug_aranges",
                ])))
        lines.append(FuzzSeed(bytes, places: map.places([".debug_line", ".debug_line_str"])))
        symbols.append(
            FuzzSeed(bytes, places: map.places([".symtab", ".strtab", ".dynsym", ".dynstr", ".rela.plt", ".plt"])))
    }
    let addresses = (folder.programs.first.flatMap { ImageMap($0) }?.addresses(8) ?? []).map { FileAddress($0) }
    func symbolize(_ bytes: [UInt8]) {
        guard let file = try? ElfFile(bytes, path: "/fuzzed"),
            var symbolizer = try? FileSymbolizer(file, buildID: nil, options: SymbolizerOptions(), files: NoFiles())
        else { return }
        _ = symbolizer.symbolize(addresses)
    }
    return [
        FuzzTarget("dwarf-entries", seeds: entries, body: symbolize),
        FuzzTarget("dwarf-lines", seeds: lines, body: symbolize),
        FuzzTarget("symbol-tables", seeds: symbols, body: symbolize), messages(), names(),
    ]
}

/// No debug files anywhere.
private final class NoFiles: DebugFileSource {
    func open(_ path: String) -> FoundFile? { nil }
    func inside(_ path: String) -> String { path }
    func fetch(_ buildID: BuildID) -> Debuginfod.Answer { .failure("none") }
}

private func messages() -> FuzzTarget {
    let frame = SymbolizedFrame(linkageName: "_Z1fv", displayName: "f()", file: "/a.cc", line: 7, startLine: 5)
    let answer = SymbolizeAnswer(
        addresses: [SymbolizedAddress(frames: [frame, frame]), SymbolizedAddress()], warnings: ["old"], source: "own")
    let request = WorkerRequest(
        request: SymbolizeRequest(path: "/bin/a", buildID: BuildID([1, 2]), addresses: [FileAddress(1)]),
        effort: .full, timeLimitSeconds: 9)
    let encoded = [
        WorkerAnswer.success(answer).encoded(), WorkerAnswer.failure("no").encoded(), request.encoded(),
        BrokerQuestion.open("/a/b").encoded(), BrokerReply.file("/c").encoded(),
    ]
    return FuzzTarget("messages", seeds: encoded.compactMap { $0.map { FuzzSeed(Array($0[4...])) } }) { bytes in
        _ = try? WorkerAnswer(decoding: bytes, addressCount: 2)
        _ = try? WorkerRequest(decoding: bytes, file: nil)
        _ = try? BrokerQuestion(decoding: bytes)
        _ = try? BrokerReply(decoding: bytes)
    }
}

/// Our own demanglers: kernel symbols go through them in the recorder itself.
private func names() -> FuzzTarget {
    let seeds = [
        "_RNvNtCs1234_7mycrate3foo3bar", "_RNvMNtCsgD_4core3fmtINtB2_5OuterNtB4_5InnerE3run",
        "_RNCNvCs1_3abc4main0B3_", "_RINvNtC3std3mem8align_ofjdE", "_RNvXs_C1aINtB4_1TRSaKj7f_E3fmt",
        "_ZN4core3fmt9Formatter9write_str17h0123456789abcdefE",
        "_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$GT$17h0123456789abcdefE",
        "memcpy@@GLIBC_2.17", "function.isra.0.cold", "_RYFG_FGyG0_EvNtC1a1b", "_RNvC6_123foo3u12",
    ]
    return FuzzTarget("names", seeds: seeds.map { FuzzSeed($0) }) { bytes in
        _ = demangle(String(decoding: bytes, as: UTF8.self), usingSystemDemanglers: false)
    }
}

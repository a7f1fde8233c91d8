import Primitives

/// Files that hold a profile, but not as profile.proto: what they are, and what to do with them.
///
/// How to tell them: github.com/google/pprof `profile/legacy_profile.go`, `legacy_java_profile.go` and
/// `internal/driver/fetch.go`.
public enum LegacyFormat: Hashable, Sendable, CaseIterable {
    /// The output of `perf record`.
    case perfData
    /// gperftools' CPU profile, in words of 32 or 64 bits.
    case gperftoolsCPU
    /// gperftools' or Go's heap profile as text.
    case heapText
    /// Go's goroutine or threadcreate profile as text (`debug=1`).
    case goCountText
    /// Go's dump of all goroutines (`debug=2`).
    case goroutineDump
    /// A profile of contention or mutexes as text.
    case contentionText
    /// The stacks of threads as text.
    case threadText
    /// A page of a server where the profile itself was meant.
    case webPage
    /// Go's execution trace.
    case goTrace

    /// One sentence: what the file is and what to do.
    public var advice: String {
        let again = "get it in pprof's format"
        return switch self {
        case .perfData:
            "this is the output of perf record, no pprof profile: convert it with "
                + "`perf_to_profile -i perf.data -o profile.pb.gz`, or record with `sprof record`"
        case .gperftoolsCPU:
            "this is a CPU profile in gperftools' old binary format: convert it with "
                + "`pprof -proto PROGRAM FILE >profile.pb.gz`"
        case .heapText:
            "this is a heap profile as text: \(again) (Go: without debug=1; gperftools: "
                + "`pprof -proto PROGRAM FILE >profile.pb.gz`)"
        case .goCountText:
            "this is a Go profile as text: \(again), without debug=1"
        case .goroutineDump:
            "this is a dump of goroutines, no profile: get the profile without debug=2"
        case .contentionText:
            "this is a contention profile as text: \(again) (Go: without debug=1; others: "
                + "`pprof -proto PROGRAM FILE >profile.pb.gz`)"
        case .threadText:
            "this is a profile of threads as text: convert it with `pprof -proto PROGRAM FILE >profile.pb.gz`"
        case .webPage:
            "this is a web page, no profile: fetch the address of a profile, such as /debug/pprof/heap"
        case .goTrace:
            "this is a Go execution trace, no profile: open it with `go tool trace`"
        }
    }

    /// What `bytes` are, if they are of a format listed here. O(1): the first kilobytes tell.
    static func detect(_ bytes: RawSpan) -> LegacyFormat? {
        if isGperftoolsCPU(bytes) { return .gperftoolsCPU }
        let head = String(decodingBytes: bytes.extracting(first: 4096))
        if head.hasPrefix("PERFILE2") { return .perfData }
        if head.hasPrefix("go 1."), head.prefix(32).contains(" trace\0") { return .goTrace }
        // Threadz may start with comments and empty lines.
        for line in head.split(separator: "\n", omittingEmptySubsequences: false) {
            if let format = detect(firstLine: line) { return format }
            let text = line.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
            if !text.isEmpty, !text.hasPrefix("#") { return nil }
        }
        return nil
    }

    private static func detect(firstLine line: Substring) -> LegacyFormat? {
        if line.hasPrefix("heap profile: ") || line.hasPrefix("--- heapz ") { return .heapText }
        if line.hasPrefix("--- contentionz ") || line.hasPrefix("--- contention:") || line.hasPrefix("--- mutex:") {
            return .contentionText
        }
        if line.hasPrefix("--- threadz ") || line.hasPrefix("--- Thread ") { return .threadText }
        if line.hasPrefix("goroutine "), line.hasSuffix("]:") { return .goroutineDump }
        if let name = line.split(separator: " ").first, line.dropFirst(name.count).hasPrefix(" profile: total ") {
            return .goCountText
        }
        let start = line.drop { $0 == " " }.prefix(9).lowercased()
        if start == "<!doctype" || start.hasPrefix("<html") { return .webPage }
        return nil
    }

    /// The header is five words: 0, 3, 0 (or 1 for Java), the period, 0.
    private static func isGperftoolsCPU(_ bytes: RawSpan) -> Bool {
        func matches<Word: FixedWidthInteger & BitwiseCopyable>(_ type: Word.Type, swapped: Bool) -> Bool {
            var reader = ByteReader(bytes)
            var words: [Word] = []
            for _ in 0..<5 {
                guard let word = try? reader.read(type) else { return false }
                words.append(swapped ? word.byteSwapped : word)
            }
            return words[0] == 0 && words[1] == 3 && words[2] <= 1 && words[3] > 0 && words[4] == 0
        }
        return matches(UInt32.self, swapped: false) || matches(UInt32.self, swapped: true)
            || matches(UInt64.self, swapped: false) || matches(UInt64.self, swapped: true)
    }
}

import ProfileReader
import Testing

@Suite struct OtherFormatTests {
    private static let words: [UInt64] = [0, 3, 0, 10_000, 0, 1, 1, 0x40_0000]

    /// A gperftools CPU profile in words of a size and order.
    private static func cpuProfile<Word: FixedWidthInteger>(_ type: Word.Type, swapped: Bool) -> [UInt8] {
        words.flatMap { word in
            let value = Word(truncatingIfNeeded: word)
            return withUnsafeBytes(of: swapped ? value.byteSwapped : value) { Array($0) }
        }
    }

    private static let texts: [(LegacyFormat, String)] = [
        (.perfData, "PERFILE2h\0\0\0"),
        (.heapText, "heap profile: 1: 2 [3: 4] @ heap/1048576\n"),
        (.heapText, "--- heapz 1 ---\n"),
        (.goCountText, "goroutine profile: total 7\n1 @ 0x43\n"),
        (.goCountText, "threadcreate profile: total 11\n"),
        (.goroutineDump, "goroutine 1 [running]:\nmain.main()\n"),
        (.contentionText, "--- contention:\ncycles/second=1\n"),
        (.contentionText, "--- mutex:\ncycles/second=1\n"),
        (.contentionText, "--- contentionz 1 ---\n"),
        (.threadText, "\n# a comment\n--- threadz 1 ---\n"),
        (.webPage, "<!DOCTYPE html>\n<html>"),
        (.goTrace, "go 1.22 trace\0\0\0"),
    ]

    private static let samples: [(LegacyFormat, [UInt8])] =
        texts.map { ($0.0, Array($0.1.utf8)) } + [
            (.gperftoolsCPU, cpuProfile(UInt32.self, swapped: false)),
            (.gperftoolsCPU, cpuProfile(UInt32.self, swapped: true)),
            (.gperftoolsCPU, cpuProfile(UInt64.self, swapped: false)),
            (.gperftoolsCPU, cpuProfile(UInt64.self, swapped: true)),
        ]

    @Test func `a profile in another format is named, with what to do`() {
        for (format, bytes) in Self.samples {
            #expect(throws: ProfileReadError.otherFormat(format)) { try ProfileReader.decode(bytes) }
        }
        #expect(Set(Self.samples.map(\.0)) == Set(LegacyFormat.allCases))
    }

    @Test(arguments: LegacyFormat.allCases)
    func `the advice is one sentence that names what to do`(format: LegacyFormat) {
        let advice = ProfileReadError.otherFormat(format).description
        #expect(advice.hasPrefix("parsing profile: this is "))
        #expect(!advice.contains("\n") && !advice.hasSuffix("."))
        #expect(["get ", "convert it", "fetch ", "open it"].contains { advice.contains($0) })
    }

    @Test func `text that only looks a little like one is not taken for it`() {
        for text in ["heap profile", "goroutines are many", "profile: total 3", "<b>", "go 1.22 tracing", ""] {
            let error = #expect(throws: ProfileReadError.self) { try ProfileReader.decode(Array(("x" + text).utf8)) }
            #expect(error == .unrecognizedFormat)
        }
    }
}

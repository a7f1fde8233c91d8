import PerfSampler
import Primitives
import Recorder

/// The account of a recording as JSON, for scripts. Names are stable; new ones may be added.
struct AccountJSON {
    let result: RecordingResult
    let output: String
    let byteCount: UInt64

    /// One object on one line.
    var text: String {
        let account = result.account
        let command = result.command
        return JSON.object([
            ("output", .string(output)),
            ("output_bytes", .count(byteCount)),
            ("samples", .count(account.sampleCount)),
            ("lost", .count(account.lostCount)),
            ("throttled", .count(account.throttleCount)),
            ("out_of_order", .count(account.outOfOrderCount)),
            ("malformed", .count(account.malformedCount)),
            ("duplicate", .count(account.duplicateCount)),
            ("foreign", .count(account.foreignCount)),
            ("attachment", account.attachment.map { .string($0.rawValue) } ?? .null),
            ("processes", .number(Int64(account.processCount))),
            ("threads", .number(Int64(account.threadCount))),
            ("elapsed_ns", .count(account.elapsedNanoseconds)),
            ("events", .array(account.events.map(Self.event))),
            ("user_stacks", .count(account.userStackCount)),
            ("complete_stacks", .count(account.completeCount)),
            ("truncated_stacks", .count(account.truncatedCount)),
            (
                "failed_stacks",
                .object(account.unwindFailures.sorted { $0.key < $1.key }.map { ($0.key, .count($0.value)) })
            ),
            ("guessed_frames", .count(account.guessedFrameCount)),
            ("addresses", .number(Int64(account.addressCount))),
            ("unnamed_addresses", .number(Int64(account.unnamedAddressCount))),
            ("kernel_cpu_ns", account.kernelCPUNanoseconds.map(JSON.count) ?? .null),
            ("recording_cpu_ns", .count(account.recordingCPUNanoseconds)),
            ("symbolizing_cpu_ns", .count(account.symbolizingCPUNanoseconds)),
            ("recording_peak_memory_bytes", .count(account.recordingPeakMemoryBytes)),
            ("peak_memory_bytes", .count(account.peakMemoryBytes)),
            (
                "problems",
                .array(
                    account.moduleProblems.map {
                        .object([("file", .string($0.path)), ("problem", .string($0.problem))])
                    })
            ),
            ("notes", .array(account.notes.map(JSON.string))),
            ("empty_reason", result.emptyReason.map(JSON.string) ?? .null),
            ("command_exit_status", command?.exitStatus.map { .number(Int64($0)) } ?? .null),
            ("command_signal", command?.signal.map { .number(Int64($0)) } ?? .null),
        ]).text
    }

    private static func event(_ event: QualityAccount.Event) -> JSON {
        .object([
            ("name", .string(event.name)), ("samples", .count(event.sampleCount)), ("weight", .count(event.weight)),
            ("unit", .string(event.unit)),
        ])
    }
}

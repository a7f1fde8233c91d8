internal import Glibc
internal import PerfSampler

/// The lines of text that a profile carries of its own making: how it was recorded and how good it is.
struct RecordingComments {
    let account: QualityAccount
    let options: RecordingOptions
    let events: [SamplingEvent]

    /// The first line is for everyone; pprof shows it above its reports. The others, one `# name: value` each, only its
    /// `-comments` shows.
    var lines: [String] {
        [summary] + facts.map { "# " + $0 }
    }

    private var summary: String {
        let counts = "sprof: \(account.sampleCount) samples, \(account.lostCount) lost"
        if account.userStackCount == 0 { return counts }
        let share = account.completeShare
        // Cut and not rounded: less than all is never shown as 100.
        let percent = share == 1 ? "100" : "\(Int(share * 100)).\(Int(share * 1000) % 10)"
        return "\(counts), \(percent) % of user stacks complete"
    }

    private var facts: [String] {
        var lines: [String] = []
        if !options.commandLine.isEmpty { lines.append("command-line: \(options.commandLine)") }
        lines.append("kernel: \(Self.kernelVersion)")
        for event in events { lines.append("event: \(event.fullName) \(Self.describe(event.rate))") }
        switch account.attachment {
        case .filteredCPUs: lines.append("attached: to each CPU, filtered by process")
        case .perTask: lines.append("attached: to each thread")
        case .automatic, nil: break
        }
        lines.append(
            "samples: \(account.sampleCount), lost \(account.lostCount), throttled \(account.throttleCount),"
                + " out of order \(account.outOfOrderCount), malformed \(account.malformedCount),"
                + " duplicate \(account.duplicateCount), foreign \(account.foreignCount)")
        lines.append(
            "user-stacks: \(account.userStackCount), complete \(account.completeCount),"
                + " truncated \(account.truncatedCount)"
                + account.unwindFailures.sorted { $0.key < $1.key }.map { ", \($0.key) \($0.value)" }.joined()
                + ", guessed frames \(account.guessedFrameCount)")
        lines.append("addresses: \(account.addressCount), without a name \(account.unnamedAddressCount)")
        if let sampled = account.sampledCPUNanoseconds {
            let kernel = account.kernelCPUNanoseconds.map { ", by the kernel's account \($0) ns" } ?? ""
            lines.append("cpu-time: sampled \(sampled) ns\(kernel)")
        }
        lines.append(
            "cost: \(account.recordingCPUNanoseconds) ns CPU to record, \(account.symbolizingCPUNanoseconds) ns to finish,"
                + " \(account.recordingPeakMemoryBytes) bytes of memory to record, \(account.peakMemoryBytes) in all")
        lines += account.moduleProblems.map { "problem: \($0.path): \($0.problem)" }
        lines += account.notes.map { "note: \($0)" }
        return lines
    }

    private static func describe(_ rate: SamplingRate) -> String {
        switch rate {
        case .frequency(let hertz): "\(hertz) Hz"
        case .period(let count): "every \(count)"
        }
    }

    private static var kernelVersion: String {
        var name = utsname()
        guard unsafe uname(&name) == 0 else { return "unknown" }
        func text<Field>(_ field: Field) -> String {
            unsafe withUnsafeBytes(of: field) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return "\(text(name.sysname)) \(text(name.release)) \(text(name.machine))"
    }
}

import Recorder

/// The account of a recording in words: the paragraph on the terminal.
struct AccountText {
    let account: QualityAccount

    /// One paragraph, its lines short enough for a terminal.
    func paragraph(output: String, byteCount: UInt64) -> String {
        var lines: [String] = []
        lines.append(
            "\(Quantity.count(account.sampleCount, "sample")) from \(Quantity.count(UInt64(account.threadCount), "thread"))"
                + " of \(Quantity.count(UInt64(account.processCount), "process"))"
                + " in \(Quantity.duration(account.elapsedNanoseconds)), \(lost).")
        if account.userStackCount > 0 { lines.append(stacks) }
        if let time = cpuTime { lines.append(time) }
        lines += problems
        lines.append(
            "sprof used \(Quantity.duration(account.recordingCPUNanoseconds)) of CPU to record"
                + " and \(Quantity.duration(account.symbolizingCPUNanoseconds)) to finish.")
        lines += account.notes.map { "Note: \($0)" }
        lines.append("Wrote \(output) (\(Quantity.bytes(byteCount))).")
        return lines.joined(separator: "\n")
    }

    private var lost: String {
        account.lostCount == 0
            ? "0 lost" : "\(Quantity.count(account.lostCount, "sample")) lost (\(Quantity.percent(account.lostShare)))"
    }

    private var stacks: String {
        var text = "\(Quantity.percent(account.completeShare)) of user stacks are complete"
        var reasons = account.unwindFailures.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.value) \($0.key)" }
        if account.truncatedCount > 0 { reasons.insert("\(account.truncatedCount) truncated", at: 0) }
        if !reasons.isEmpty { text += " (\(reasons.joined(separator: ", ")))" }
        return text + "."
    }

    private var cpuTime: String? {
        guard let sampled = account.sampledCPUNanoseconds else { return nil }
        var text = "Samples stand for \(Quantity.duration(sampled)) of CPU time"
        if let kernel = account.kernelCPUNanoseconds, kernel > 0 {
            text += "; the kernel accounts \(Quantity.duration(kernel))"
            text += " (\(Quantity.percent(Double(sampled) / Double(kernel))))"
            if let rate = account.samplesPerCPUSecond {
                text += ", \(Quantity.decimal(rate, 0)) samples per CPU second"
            }
        }
        return text + "."
    }

    private var problems: [String] {
        var lines: [String] = []
        if account.unnamedAddressCount > 0 {
            lines.append(
                "\(account.unnamedAddressCount) of \(Quantity.count(UInt64(account.addressCount), "address"))"
                    + " have no name.")
        }
        let shown = account.moduleProblems.prefix(5)
        lines += shown.map { "\($0.path): \($0.problem)" }
        if account.moduleProblems.count > shown.count {
            lines.append(
                "… and \(account.moduleProblems.count - shown.count) more files (all in the profile's comments).")
        }
        if account.throttleCount > 0 {
            lines.append(
                "The kernel throttled sampling \(Quantity.count(account.throttleCount, "time")): sample less often (-F)."
            )
        }
        return lines
    }
}

import Recorder

/// The line that tells what a recording is doing.
struct ProgressTicker {
    private let terminal: Terminal
    private var lastSamples: UInt64 = 0
    private var lastElapsed: UInt64 = 0
    private var samplesPerSecond = 0.0

    init(_ terminal: Terminal) {
        self.terminal = terminal
    }

    /// Shows `progress` in place of what was shown before.
    mutating func show(_ progress: RecordingProgress) {
        switch progress {
        case .recording(let elapsed, let samples, let lost):
            if elapsed > lastElapsed {
                samplesPerSecond = Double(samples - lastSamples) * 1e9 / Double(elapsed - lastElapsed)
            }
            lastSamples = samples
            lastElapsed = elapsed
            terminal.progress(
                "Recording \(Quantity.duration(elapsed)): \(Quantity.count(samples, "sample")),"
                    + " \(Quantity.decimal(samplesPerSecond, 0))/s, \(lost) lost. Ctrl-C ends it.")
        case .symbolizing(let filesDone, let files, let addressesDone, let addresses, let isFetching):
            terminal.progress(
                "Looking up names\(isFetching ? " (debuginfod servers have 20 s for a file)" : ""): \(filesDone) of \(files) files, \(addressesDone) of \(addresses) addresses"
            )
        }
    }
}

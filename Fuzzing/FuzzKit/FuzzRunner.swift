import Glibc

/// The main program of a fuzzer: tries inputs on each target in a process of its own, for a bounded time.
///
///     FUZZER [--seconds N] [--series N] [--target NAME] [--input N]
///
/// A process that traps, takes 10 s for an input, or asks for more than 4 GiB, is a finding; the line that is printed
/// says how to have the same input again.
public struct FuzzRunner {
    private let targets: [FuzzTarget]
    private var seconds = 30
    private var series: UInt64 = 1
    private var wanted: String?
    private var input: UInt64?
    /// In a child: the descriptor of the file that says which input is tried.
    private var progress: Int32?

    /// Runs what the command line asks for; ends the process with the status 1 if there are findings.
    public static func main(_ targets: [FuzzTarget]) -> Never {
        var runner = FuzzRunner(targets: targets)
        guard runner.parse(Array(CommandLine.arguments.dropFirst())) else {
            say("usage: \(CommandLine.arguments[0]) [--seconds N] [--series N] [--target NAME] [--input N]")
            exit(2)
        }
        exit(runner.run() ? 0 : 1)
    }

    private mutating func parse(_ arguments: [String]) -> Bool {
        guard arguments.count % 2 == 0 else { return false }
        for position in stride(from: 0, to: arguments.count, by: 2) {
            let value = arguments[position + 1]
            switch arguments[position] {
            case "--target": wanted = value
            case "--seconds": seconds = Int(value) ?? seconds
            case "--series": series = UInt64(value) ?? series
            case "--input": input = UInt64(value)
            case "--progress": progress = Int32(value)
            default: return false
            }
        }
        return wanted == nil || targets.contains { $0.name == wanted }
    }

    private func run() -> Bool {
        var isClean = true
        for target in targets where wanted == nil || target.name == wanted {
            if let input {
                tryInput(input, target)
            } else if let progress {
                tryInputs(target, progress: progress)
            } else {
                isClean = watch(target) && isClean
            }
        }
        return isClean
    }

    // MARK: - In the child

    private func tryInput(_ number: UInt64, _ target: FuzzTarget) {
        let bytes = target.input(number, series: series)
        Self.say("\(bytes.count) bytes: " + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        do { try target.body(bytes) } catch { Self.say("\(error)") }
    }

    private func tryInputs(_ target: FuzzTarget, progress: Int32) {
        var limit = rlimit(rlim_cur: 4 << 30, rlim_max: 4 << 30)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        let end = now() + seconds
        // The sound inputs first: one that does not come through says that the target itself is broken.
        for seed in target.seeds {
            do { try target.body(seed.bytes) } catch { Self.say("\(target.name): a sound input is refused: \(error)") }
        }
        var state = FuzzProgress()
        while now() < end {
            for _ in 0..<64 {
                state.number += 1
                state.save(progress)
                alarm(10)
                let input = target.input(state.number, series: series)
                let start = FuzzProgress.cpuNanoseconds
                try? target.body(input)
                state.note(nanoseconds: FuzzProgress.cpuNanoseconds - start)
            }
        }
        state.noteMemory()
        state.save(progress)
    }

    // MARK: - In the parent

    /// Runs the target in a child. Whether it came to its end.
    private func watch(_ target: FuzzTarget) -> Bool {
        var template = Array("/tmp/sprof-fuzz-XXXXXX\0".utf8CString)
        let progress = mkstemp(&template)
        unlink(template)
        defer { close(progress) }
        let words = [
            "/proc/self/exe", "--target", target.name, "--series", "\(series)", "--seconds", "\(seconds)",
            "--progress", "\(progress)",
        ]
        var arguments = words.map { strdup($0) }
        arguments.append(nil as UnsafeMutablePointer<CChar>?)
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        guard posix_spawn(&child, "/proc/self/exe", nil, nil, arguments, environ) == 0 else { return false }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let state = FuzzProgress(progress)
        let number = state.number
        if status == 0 {
            Self.say("\(target.name): \(number) inputs of series \(series), no finding\(state.cost)")
            return true
        }
        let again = "--target \(target.name) --series \(series) --input \(number)"
        let signal = status & 0x7f
        let reason = signal == SIGALRM ? "took more than 10 s" : signal == 0 ? "ended" : "ended by signal \(signal)"
        Self.say("\(target.name): input \(number) \(reason); again: \(CommandLine.arguments[0]) \(again)")
        return false
    }

    private func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec
    }

    private static func say(_ line: String) {
        // Not by the name /dev/stderr, which would write from the start of the file that the output goes into.
        let bytes = Array((line + "\n").utf8)
        bytes.withUnsafeBytes { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

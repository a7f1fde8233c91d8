internal import Glibc
internal import Primitives

/// Readable names for the linkage names of a profile, which strangers wrote: made in a process of its own, behind the walls
/// of the workers that read files, as the system's demanglers are C and C++ code that a crafted name may crash.
public enum NameWorker {
    /// The first argument that makes sprof such a process.
    public static let argument = "demangle-names"

    /// Names that end a worker are left out, but not so many that it takes for ever.
    private static let attemptLimit = 8
    /// CPU seconds for all names; a million take about two.
    private static let cpuSeconds: UInt64 = 20
    private static let byteLimit = 1 << 28

    /// The readable forms of those of `names` that are mangled and can be read; starts no process if none is mangled.
    ///
    /// - Parameter workerExecutable: The program to start, which has to call `run` when its argument is `argument`.
    public static func readableNames(
        of names: [String], workerExecutable: String = "/proc/self/exe"
    ) -> [String: String] {
        // Names are sent as lines.
        let mangled = names.filter { isMangled($0) && !$0.utf8.contains(UInt8(ascii: "\n")) }
        var readable: [String: String] = [:]
        var rest = mangled[...]
        for _ in 0..<attemptLimit where !rest.isEmpty {
            let input = Array(rest.map { $0 + "\n" }.joined().utf8)
            guard let outcome = try? ChildProcess.run([workerExecutable, argument], input: input) else { break }
            let lines = outcome.output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
            for (name, line) in zip(rest, lines) where !line.isEmpty {
                readable[name] = String(decoding: line, as: UTF8.self)
            }
            // The first without an answer is the one that ended the worker.
            rest = rest.dropFirst(lines.count + 1)
        }
        return readable
    }

    /// The whole life of the process: reads names from standard input, and answers each with a line, empty if there is no
    /// better name.
    public static func run() -> Never {
        WorkerLimits.enter(closingFrom: 3)
        WorkerLimits.allow(cpuSeconds: cpuSeconds)
        let input = FileDescriptor(owning: STDIN_FILENO)
        let output = FileDescriptor(owning: STDOUT_FILENO)
        guard let bytes = try? input.readToEnd(limit: byteLimit) else { exit(1) }
        _ = DecoderSandbox.enter()
        var demangler = Demangler()
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let readable = demangler.demangle(String(decoding: line, as: UTF8.self)) ?? ""
            let answer = readable.utf8.contains(UInt8(ascii: "\n")) ? "\n" : readable + "\n"
            // One write for each, so that an answer is there when the next name ends the process.
            guard (try? output.write(Array(answer.utf8).rawSpan)) != nil else { exit(1) }
        }
        exit(0)
    }

    private static func isMangled(_ name: String) -> Bool {
        ["_Z", "__Z", "_R", "__R", "$s", "$S", "_$s", "_T0"].contains { name.hasPrefix($0) }
    }
}

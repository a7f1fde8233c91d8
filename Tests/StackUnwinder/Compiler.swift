import Glibc
import PerfSampler
import Primitives

/// Compiles the programs that the unwinder is tested with, in a folder that is removed with the value.
final class CompiledPrograms {
    let folder: String

    init() throws {
        var template = Array("/tmp/sprof-unwind-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw SystemError.last("mkdtemp") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        _ = Self.shell("rm -rf \(folder)")
    }

    /// Whether `tool` can be run.
    static func has(_ tool: String) -> Bool { shell("command -v \(tool) >/dev/null 2>&1") }

    /// Where the programs of the benchmark of completeness are, which are recorded here as well.
    static let sources =
        String(#filePath.dropLast("Tests/StackUnwinder/Compiler.swift".count))
        + "Benchmarks/completeness/programs/"

    /// Whether the kernel lets us sample programs with their stacks.
    static let canRecord: Bool = {
        guard let event = try? SamplingEvent.resolve("cpu-clock", rate: .frequency(99)),
            var child = try? CommandLauncher.launch(["/bin/true"])
        else { return false }
        defer {
            kill(child.processID.value, SIGKILL)
            _ = child.wait()
        }
        let configuration = SamplerConfiguration(target: .command(child.processID), events: [event])
        return (try? Sampler(configuration)) != nil
    }()

    static func shell(_ command: String) -> Bool { unsafe system(command) == 0 }

    /// What `command` prints.
    static func output(_ command: String) -> String { String(decoding: bytes(command), as: UTF8.self) }

    /// What `command` writes.
    static func bytes(_ command: String) -> [UInt8] {
        guard let stream = unsafe popen(command, "r") else { return [] }
        defer { unsafe _ = pclose(stream) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe fread(&buffer, 1, buffer.count, stream)
            if count == 0 { break }
            result += buffer[..<count]
        }
        return result
    }

    /// The path of `source` compiled with `command` (compiler and options) and the libraries in `linking`.
    func compile(
        _ source: String, _ command: String, name: String, language: String = "c", linking: String = ""
    ) throws -> String {
        let path = "\(folder)/\(name).\(language)"
        let file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try file.write(Array(source.utf8).rawSpan)
        let output = "\(folder)/\(name)"
        guard Self.shell("\(command) -o \(output) \(path) \(linking) 2>\(output).log") else {
            throw CompileError(log: text(ofSmallFile: output + ".log") ?? "")
        }
        return output
    }

    struct CompileError: Error {
        var log: String
    }
}

import Glibc
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

    static func shell(_ command: String) -> Bool { unsafe system(command) == 0 }

    /// What `command` prints.
    static func output(_ command: String) -> String {
        guard let stream = unsafe popen(command, "r") else { return "" }
        defer { unsafe _ = pclose(stream) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe fread(&buffer, 1, buffer.count, stream)
            if count == 0 { break }
            result += buffer[..<count]
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The path of `source` compiled with `command` (compiler and options).
    func compile(_ source: String, _ command: String, name: String, language: String = "c") throws -> String {
        let path = "\(folder)/\(name).\(language)"
        let file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try file.write(Array(source.utf8).rawSpan)
        let output = "\(folder)/\(name)"
        guard Self.shell("\(command) -o \(output) \(path) 2>\(output).log") else {
            throw CompileError(log: text(ofSmallFile: output + ".log") ?? "")
        }
        return output
    }

    struct CompileError: Error {
        var log: String
    }
}

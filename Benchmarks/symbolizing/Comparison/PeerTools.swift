import Glibc
package import Primitives

/// Asks other tools about addresses.
package struct PeerTools: ~Copyable {
    private let folder: String

    /// Tools that keep their files in a folder of their own, which goes with the value.
    package init() throws {
        var template = Array("/tmp/sprof-peers-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError.last("mkdtemp") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        _ = Self.output("rm -rf '\(folder)'")
    }

    /// llvm-symbolizer's answers for `addresses` of the program at `path`; nil if it cannot be run.
    package func llvm(_ path: String, _ addresses: [FileAddress]) throws -> [[PeerFrame]]? {
        let list = try write(addresses)
        return Self.output("llvm-symbolizer --no-demangle -i -e '\(path)' < '\(list)'").map(PeerOutput.llvm)
    }

    /// What libdw finds for sorted `addresses` by walking the entries of `path`, which holds the debug information itself,
    /// and of the file that dwz moved parts of it to. `source` is the tool's, walk.c. Nil if it cannot be compiled or run.
    package func walk(
        _ path: String, alternate: String = "", source: String, _ addresses: [FileAddress]
    ) throws -> [[PeerFrame]]? {
        let list = try write(addresses)
        let tool = folder + "/walk"
        if access(tool, X_OK) != 0 { _ = Self.output("gcc -O2 -o '\(tool)' '\(source)' -ldw -lelf") }
        let words = [tool, path, alternate].filter { !$0.isEmpty }.map { "'\($0)'" }.joined(separator: " ")
        return Self.output("\(words) < '\(list)'").map(PeerOutput.walk)
    }

    private func write(_ addresses: [FileAddress]) throws -> String {
        let path = folder + "/addresses"
        let file = try FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try file.write(Array(addresses.map(\.description).joined(separator: "\n").utf8).rawSpan)
        return path
    }

    /// What `command` prints; nil if it fails.
    private static func output(_ command: String) -> String? {
        guard let stream = popen("{ \(command); } 2>/dev/null", "r") else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
        return pclose(stream) == 0 ? String(decoding: bytes, as: UTF8.self) : nil
    }
}

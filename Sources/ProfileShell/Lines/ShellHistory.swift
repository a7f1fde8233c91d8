import Glibc
import Primitives

/// The lines of earlier sessions, in a file of the user's: one line each, the latest last.
///
/// A line is added when it was entered, so that shells side by side lose nothing and none has to end in good order.
public struct ShellHistory: Sendable {
    /// The file; nil when the user has no home.
    public let path: String?

    /// How many lines are kept.
    static let lineLimit = 1000

    /// The history in `$XDG_STATE_HOME/sprof/history`, or in `~/.local/state` where that is not set (XDG Base Directory
    /// Specification 0.8).
    ///
    /// - Parameter environment: The value of an environment variable.
    public init(_ environment: (String) -> String?) {
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") {
            path = state + "/sprof/history"
        } else if let home = environment("HOME"), home.hasPrefix("/") {
            path = home + "/.local/state/sprof/history"
        } else {
            path = nil
        }
    }

    /// The latest lines, the oldest first. A file that has grown to several times its limit is shortened.
    public func load() -> [String] {
        guard let path, let file = try? FileDescriptor(openingRegularFile: path),
            let bytes = try? file.readToEnd(limit: 1 << 24)
        else { return [] }
        let lines = bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        let kept = Array(lines.suffix(Self.lineLimit))
        if lines.count > 4 * Self.lineLimit { replace(path, with: kept) }
        return kept
    }

    /// Adds a line; one that cannot be written is lost, as the shell works without.
    public func append(_ line: String) {
        guard let path, !line.isEmpty else { return }
        guard let file = open(path, O_APPEND) else { return }
        // One write, so that lines of several shells do not mix.
        try? file.write(Array((line + "\n").utf8).rawSpan)
    }

    private func open(_ path: String, _ flags: Int32) -> FileDescriptor? {
        let parts = path.split(separator: "/").dropLast()
        var folder = ""
        for part in parts {
            folder += "/" + part
            // The specification asks for 0700.
            unsafe _ = mkdir(folder, 0o700)
        }
        return try? FileDescriptor(opening: path, O_WRONLY | O_CREAT | O_NOFOLLOW | flags, mode: 0o600)
    }

    private func replace(_ path: String, with lines: [String]) {
        let temporary = path + ".\(getpid())"
        guard let file = open(temporary, O_TRUNC) else { return }
        let text = lines.map { $0 + "\n" }.joined()
        guard (try? file.write(Array(text.utf8).rawSpan)) != nil else {
            unsafe _ = unlink(temporary)
            return
        }
        unsafe _ = rename(temporary, path)
    }
}

import Glibc
import Primitives

/// Where messages for the user go: standard error, so that standard output stays free for profiles and tables.
struct Terminal {
    /// Nothing but errors is shown.
    let isQuiet: Bool
    /// Standard error is a terminal, so that a line may be rewritten and colours used.
    let isInteractive: Bool

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
        isInteractive = isatty(STDERR_FILENO) == 1 && text(ofEnvironment: "TERM") != "dumb"
    }

    /// Shows `line` in place of the progress line before; on terminals only.
    func progress(_ line: String) {
        guard !isQuiet, isInteractive else { return }
        write("\r\u{1b}[K" + line)
    }

    /// Removes the progress line.
    func endProgress() {
        progress("")
    }

    /// Shows a message.
    func note(_ message: String) {
        guard !isQuiet else { return }
        endProgress()
        write(message + "\n")
    }

    /// Shows what went wrong; also when quiet.
    func error(_ message: String) {
        if isInteractive { write("\r\u{1b}[K") }
        write("sprof: " + message + "\n")
    }

    private func write(_ text: String) {
        writeAll(text, to: STDERR_FILENO)
    }
}

/// Writes `text` to the descriptor `file`; what cannot be written is lost, as there is nobody left to tell.
func writeAll(_ text: String, to file: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let written = unsafe bytes.withUnsafeBytes { buffer in
            retryOnInterrupt { unsafe Glibc.write(file, buffer.baseAddress, buffer.count) }
        }
        guard written > 0 else { return }
        bytes = bytes.dropFirst(written)
    }
}

/// The value of the environment variable `name`, if it is set.
func text(ofEnvironment name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
}

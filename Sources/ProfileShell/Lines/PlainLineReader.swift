import Glibc
import Primitives

/// Lines from a descriptor that no user edits: a pipe, a file, or a terminal without the means for more.
public struct PlainLineReader: LineReader {
    private let input: Int32
    private let prompt: String
    private let promptOutput: Int32
    private var pending: [UInt8] = []
    private var isAtEnd = false

    /// In place of a number of bytes.
    private var interrupted: Int { -2 }

    /// The longest line that is read whole; what follows is a line of its own.
    private static let lengthLimit = 1 << 20

    /// - Parameters:
    ///   - input: The descriptor to read; it stays the caller's.
    ///   - prompt: What to write before each line is read.
    ///   - promptOutput: Where to.
    public init(input: Int32 = 0, prompt: String = "", promptOutput: Int32 = 1) {
        self.input = input
        self.prompt = prompt
        self.promptOutput = promptOutput
    }

    public mutating func readLine() -> String? {
        if !prompt.isEmpty { writeText(prompt, to: promptOutput) }
        var searched = 0
        while true {
            if let end = pending[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: pending[..<end], as: UTF8.self)
                pending.removeFirst(end + 1)
                return line
            }
            searched = pending.count
            if isAtEnd || searched >= Self.lengthLimit {
                defer { pending = [] }
                return pending.isEmpty ? nil : String(decoding: pending, as: UTF8.self)
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = unsafe chunk.withUnsafeMutableBytes { buffer in
                retryOnInterrupt {
                    let count = unsafe read(input, buffer.baseAddress, buffer.count)
                    // The terminal forgets the line itself.
                    return count == -1 && errno == EINTR && ShellInterrupts.isPending ? interrupted : count
                }
            }
            if count == interrupted, ShellInterrupts.take() {
                writeText("\n", to: promptOutput)
                pending = []
                return ""
            }
            if count <= 0 { isAtEnd = true } else { pending += chunk[..<count] }
        }
    }
}

/// Writes `text` to a descriptor that stays the caller's; what cannot be written is lost.
func writeText(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let written = unsafe bytes.withUnsafeBytes { buffer in
            retryOnInterrupt { unsafe write(descriptor, buffer.baseAddress, buffer.count) }
        }
        guard written > 0 else { return }
        bytes = bytes.dropFirst(written)
    }
}

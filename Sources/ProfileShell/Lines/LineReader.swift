/// Where the shell's lines come from.
public protocol LineReader {
    /// The next line without its end, or nil when there are no more.
    mutating func readLine() -> String?
}
